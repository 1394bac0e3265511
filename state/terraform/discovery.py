"""The states that code says it keeps: each backend of a folder of roots, as the address that it comes to.

The checkout is not trusted. A backend names no host, no role and no profile that we would show credentials to, unless
whoever scans allowed that very one; S3 is asked as whoever scans, and HCP Terraform with the token of its own host.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from state.terraform import terragrunt
from state.terraform.configuration import NEEDED, Configuration, checkout, flat, tidy
from state.terraform.errors import Unreadable
from state.terraform.remote import DEFAULT, PULL, S3, Address, How, Https, Tfc, address, shown

LARGEST_POINTER = 1_000_000


class Follow(msgspec.Struct, frozen=True):
    """That backends are followed, and which hosts, roles and profiles they may name, as patterns."""

    allowed: tuple[str, ...] = ()

    def allows(self, name: str) -> bool:
        return any(name == each or fnmatchcase(name, each) for each in self.allowed)


class Backing(msgspec.Struct, frozen=True, kw_only=True):
    """Where one root keeps its state. ``problem`` is why its settings could not be read, where they could not."""

    folder: Path
    type: str
    settings: Mapping[str, str]
    unsaid: tuple[str, ...]
    said_in: str
    follow: Follow
    hidden: tuple[str, ...] = ()
    problem: str = ""

    def where(self) -> Path | Address:
        """The state itself. Raises Unreadable, which says what is missing or what has to be allowed."""
        if self.problem:
            raise Unreadable(self.said_in, self.problem)
        if self.type not in _WHERE:
            raise Unreadable(self.said_in, f"keeps its state in {self.type}, which is not read; {PULL}")
        return _WHERE[self.type](completed(self))


def states(folder: Path, roots: Iterable[Configuration], follow: Follow) -> list[Backing]:
    """What each root below a folder says of its state; where Terragrunt writes the backend, what that says."""
    found = list(_of_terragrunt(folder, follow))
    written = {each.folder for each in found}
    found += [each for root in roots if root.folder not in written for each in of_code(root, follow)]
    return sorted(found, key=lambda each: str(each.folder))


def of_code(root: Configuration, follow: Follow) -> Iterator[Backing]:
    """What a root says of its state by itself."""
    for each in root.backends:
        yield Backing(
            folder=root.folder,
            type=each.type,
            settings=each.settings,
            unsaid=each.unsaid,
            said_in=f"{each.file}:{each.line}",
            follow=follow,
            hidden=each.hidden,
        )


def _of_terragrunt(folder: Path, follow: Follow) -> Iterator[Backing]:
    for unit in terragrunt.units(folder):
        settings = dict(flat(unit.config.items()))
        unsaid = [name for name in NEEDED.get(unit.type, ()) if name not in settings and name not in unit.unknown]
        yield Backing(
            folder=unit.folder,
            type=unit.type,
            settings=settings,
            unsaid=(*unsaid, *(f"{name} ({why})" for name, why in unit.unknown.items())),
            said_in=f"{unit.file}:{unit.line}",
            follow=follow,
            problem=unit.problem,
        )


# --- what is not said in the code -------------------------------------------------------------------


def completed(of: Backing) -> Backing:
    """With what `terraform init` was told beside. Raises Unreadable where something is still missing."""
    known = {name: value for name, value in _recorded(of).items() if name not in of.settings}
    settings = {**known, **of.settings}
    missing = [each for each in of.unsaid if each.partition(" ")[0] not in settings]
    if missing:
        raise Unreadable(
            of.said_in,
            f"does not say {', '.join(missing)} of its {of.type} backend; run `terraform init` there, "
            "or name the state with --from",
        )
    return msgspec.structs.replace(of, settings=settings, unsaid=())


def _recorded(of: Backing) -> dict[str, str]:
    """The settings in ``.terraform/terraform.tfstate``, where init keeps them, those of -backend-config too."""
    path = of.folder / ".terraform" / "terraform.tfstate"
    try:
        if path.stat().st_size > LARGEST_POINTER:
            return {}
        backend = msgspec.json.decode(path.read_bytes())["backend"]
        return dict(flat(backend["config"].items())) if backend["type"] == of.type else {}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError, AttributeError):
        return {}


def workspace(folder: Path) -> str:
    """The workspace that Terraform is in: of TF_WORKSPACE, or selected in that folder."""
    if said := os.environ.get("TF_WORKSPACE"):
        return said
    try:
        return (folder / ".terraform" / "environment").read_text("utf-8")[:200].strip() or DEFAULT
    except (OSError, UnicodeDecodeError):
        return DEFAULT


def _literal(of: Backing, *values: str) -> None:
    """Raises Unreadable for names that would be taken for patterns, or lead out of where they stand."""
    for each in values:
        if any(sign in each for sign in "*?[]"):
            raise Unreadable(of.said_in, f"names {each!r}, which reads as a pattern; name the state with --from")


def _allowed(of: Backing, name: str, instead: str) -> None:
    if name and not of.follow.allows(name):
        raise Unreadable(
            of.said_in,
            f"wants {name} to be used, which code alone may not ask for; allow it with --allow-backend {name}{instead}",
        )


# --- each kind of backend ---------------------------------------------------------------------------


def _s3(of: Backing) -> S3:
    said = of.settings
    if any(name.startswith("endpoint") for name in said):
        raise Unreadable(
            of.said_in, "names an endpoint of its own for S3; set AWS_ENDPOINT_URL_S3 and name the state with --from"
        )
    role, profile = said.get("assume_role.role_arn") or said.get("role_arn", ""), said.get("profile", "")
    for each in (role, profile):
        _allowed(of, each, "")
    how = How(
        region=said.get("region", ""),
        profile=profile,
        role_arn=role,
        external_id=(said.get("assume_role.external_id") or said.get("external_id", "")) if role else "",
    )
    name, key = workspace(of.folder), said["key"].lstrip("/")
    prefix = said.get("workspace_key_prefix", "env:")
    _literal(of, said["bucket"], key, name, prefix)
    return S3(bucket=said["bucket"], key=key, how=how, workspace=name, workspace_key_prefix=prefix).of_workspace


def _http(of: Backing) -> Https:
    try:
        found = address(of.settings["address"])
    except Unreadable as error:
        raise Unreadable(of.said_in, f"its address {error.problem}") from error
    if not isinstance(found, Https):
        raise Unreadable(of.said_in, "its address is none of https://; name the state with --from")
    _allowed(of, found.host, f", or name it: --from {shown(found.url)}")
    return found


def _local(of: Backing) -> Path:
    said, name = of.settings, workspace(of.folder)
    path = of.folder / said.get("path", "terraform.tfstate")
    if name != DEFAULT:
        path = of.folder / said.get("workspace_dir", "terraform.tfstate.d") / name / "terraform.tfstate"
    if not path.resolve().is_relative_to(checkout(of.folder.resolve())):
        raise Unreadable(of.said_in, f"keeps its state in {path}, outside the checkout; name it with --from")
    return Path(tidy(path))


def _tfc(of: Backing) -> Tfc:
    """``cloud`` and its forerunner ``remote``, whose workspaces may be a prefix of those of the server."""
    said, name = of.settings, workspace(of.folder)
    organization = said.get("organization") or os.environ.get("TF_CLOUD_ORGANIZATION", "")
    host = (said.get("hostname") or os.environ.get("TF_CLOUD_HOSTNAME", "")).lower()
    selected = name if name != DEFAULT else ""
    if prefix := said.get("workspaces.prefix", ""):
        selected, pattern = f"{prefix}{selected}" if selected else "", f"{prefix}*"
    else:
        pattern = "*" if said.get("workspaces.tags") else ""
    selected = said.get("workspaces.name", "") or selected
    if not organization or not (selected or pattern):
        missing = "organization" if not organization else "workspace"
        variable = "TF_CLOUD_ORGANIZATION" if not organization else "TF_WORKSPACE"
        raise Unreadable(of.said_in, f"does not say its {missing}; set {variable}, or name it: --from tfc://ORG/NAME")
    _literal(of, selected, prefix, host)
    asked = {name: "" if selected else said.get(f"workspaces.{name}", "") for name in ("tags", "project")}
    return Tfc(organization=organization, workspace=selected or pattern, host=host, **asked)


_WHERE: Mapping[str, Callable[[Backing], Path | Address]] = {
    "cloud": _tfc,
    "http": _http,
    "local": _local,
    "remote": _tfc,
    "s3": _s3,
}
