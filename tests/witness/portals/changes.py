"""What people do to portals by hand."""

from __future__ import annotations

from typing import Any

from tests.witness.case import Clients, State


def _enter(aws: Clients, **said: Any) -> None:
    aws("opensearch").update_domain_config(DomainName="shop", AdvancedSecurityOptions={"SAMLOptions": said})


def entered_through_others(aws: Clients, state: State) -> None:
    idp = {"EntityId": "https://others.example.net", "MetadataContent": "<EntityDescriptor/>"}
    _enter(aws, Enabled=True, Idp=idp, SessionTimeoutMinutes=1440)


def not_entered_by_sign_in(aws: Clients, state: State) -> None:
    _enter(aws, Enabled=False)


def people_stay_in_longer(aws: Clients, state: State) -> None:
    idp = {"EntityId": "https://people.example.com", "MetadataContent": "<EntityDescriptor/>"}
    _enter(aws, Enabled=True, Idp=idp, SessionTimeoutMinutes=1440)


EXPLAINED: dict[str, dict[str, str]] = {}
"""What only one of the two says after a change, and why that is as it should be."""
