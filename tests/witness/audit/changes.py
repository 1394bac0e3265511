EXPLAINED: dict[str, dict[str, str]] = {}
