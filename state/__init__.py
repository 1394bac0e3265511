"""What is, what was declared, what used to be. Imports nothing else of ours."""

from state.inventory import Inventory
from state.resource import GLOBAL, Declaration, Gap, Key, LiveOnly, Resource, Unknown, stable_id

__all__ = ["GLOBAL", "Declaration", "Gap", "Inventory", "Key", "LiveOnly", "Resource", "Unknown", "stable_id"]
