"""What one synthetic account answers: every page written once, and of single things what their templates say."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from botocore.model import OperationModel

from tests.bench import answers, things, told
from tests.bench.account import Account, Words
from tests.bench.answers import Fault, Reply, Template, Written
from tests.bench.routes import ALL, LARGEST, Arguments, Paging, Route, Routes, sent_as

Pick = Callable[[Account, int], int]


def always(account: Account, n: int) -> int:
    return 0


def has(kind: str, other: str) -> Pick:
    """The first look for a thing that has one of another kind to itself, the second for the rest."""
    return lambda account, n: 0 if account.fits(kind, n, other) else 1


class Part(NamedTuple):
    """One kind of thing in a listing: the list it stands in, how it may look, and which look is whose.

    ``of`` is the service that has to be asked for where a listing is of several.
    """

    list: str
    kind: str
    looks: tuple[Any, ...]
    pick: Pick = always
    each: bool = False  # every look of every thing
    of: str = ""


LISTED: dict[str, tuple[Part, ...]] = {
    "dynamodb:ListTables": (Part("TableNames", "aws_dynamodb_table", ("sessions-~n~",)),),
    "ec2:DescribeAddresses": (Part("Addresses", "aws_eip", (things.ADDRESS,)),),
    "ec2:DescribeInstances": (
        Part(
            "Reservations",
            "aws_instance",
            (things.reservation(disk=True), things.reservation(disk=False)),
            has("aws_instance", "aws_ebs_volume"),
        ),
    ),
    "ec2:DescribeInternetGateways": (Part("InternetGateways", "aws_internet_gateway", (things.INTERNET_GATEWAY,)),),
    "ec2:DescribeNatGateways": (Part("NatGateways", "aws_nat_gateway", (things.NAT_GATEWAY,)),),
    "ec2:DescribeRouteTables": (
        Part(
            "RouteTables",
            "aws_route_table",
            (things.route_table(main=True), things.route_table(main=False)),
            has("aws_route_table", "aws_vpc"),
        ),
    ),
    "ec2:DescribeSecurityGroupRules": (
        Part("SecurityGroupRules", "aws_security_group", tuple(map(things.security_group_rule, range(3))), each=True),
    ),
    "ec2:DescribeSecurityGroups": (
        Part(
            "SecurityGroups",
            "aws_security_group",
            (things.security_group(default=True), things.security_group(default=False)),
            has("aws_security_group", "aws_vpc"),
        ),
    ),
    "ec2:DescribeSnapshots": (Part("Snapshots", "aws_ebs_snapshot", (things.SNAPSHOT,)),),
    "ec2:DescribeSubnets": (Part("Subnets", "aws_subnet", (things.SUBNET,)),),
    "ec2:DescribeVolumes": (Part("Volumes", "aws_ebs_volume", (things.VOLUME,)),),
    "ec2:DescribeVpcs": (Part("Vpcs", "aws_vpc", (things.VPC,)),),
    "iam:GetAccountAuthorizationDetails": (
        Part("UserDetailList", "aws_iam_user", (told.USER,)),
        Part("GroupDetailList", "aws_iam_group", (told.GROUP,)),
        Part("RoleDetailList", "aws_iam_role", (told.ROLE,)),
        Part("Policies", "aws_iam_policy", (told.POLICY,)),
    ),
    "iam:ListInstanceProfiles": (Part("InstanceProfiles", "aws_iam_instance_profile", (told.PROFILE,)),),
    "iam:ListRoles": (Part("Roles", "aws_iam_role", (told.LISTED_ROLE,)),),
    "lambda:ListFunctions": (Part("Functions", "aws_lambda_function", (things.FUNCTION,)),),
    "rds:DescribeDBClusterSnapshots": (
        Part("DBClusterSnapshots", "aws_db_cluster_snapshot", (things.CLUSTER_SNAPSHOT,)),
    ),
    "rds:DescribeDBClusters": (Part("DBClusters", "aws_rds_cluster", (things.CLUSTER,)),),
    "rds:DescribeDBInstances": (Part("DBInstances", "aws_db_instance", (things.DB_INSTANCE,)),),
    "rds:DescribeDBSnapshots": (Part("DBSnapshots", "aws_db_snapshot", (things.DB_SNAPSHOT,)),),
    "resourcegroupstaggingapi:GetResources": (
        Part("ResourceTagMappingList", "aws_dynamodb_table", (told.TABLE_TAGS,), of="dynamodb"),
        Part("ResourceTagMappingList", "aws_lambda_function", (told.FUNCTION_TAGS,), of="lambda"),
    ),
    "s3:ListBuckets": (
        Part(
            "Buckets",
            "aws_s3_bucket",
            ({"Name": "bench-~account~-~n~", "CreationDate": "~time~", "BucketRegion": "~region~"},),
        ),
    ),
}
EVERY_REGION = frozenset({"s3:ListBuckets"})
"""Listings that answer for all regions at once."""

ASIDE = ("Owner.", "Filter.member.", "RestorableBy.", "ResourceTypeFilters", "Action", "Version", "x-id")
"""Arguments of listings that change nothing of what is answered here, or are answered apart."""

GONE = {
    "dynamodb": Fault("ResourceNotFoundException"),
    "iam": Fault("NoSuchEntity", 404),
    "lambda": Fault("ResourceNotFoundException", 404),
    "rds": Fault("DBSnapshotNotFound", 404),
    "s3": Fault("NoSuchBucket", 404),
}


class Stock:
    """The answers of one account."""

    def __init__(self, account: Account, routes: Routes) -> None:
        self.account, self.routes = account, routes
        self._words: dict[int, Words] = {}
        self._listings: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
        self._pages: dict[tuple[str, str, str, int, int, bool], Reply] = {}
        self._templates: dict[tuple[str, int], Template] = {}

    def words(self, n: int) -> Words:
        if n not in self._words:
            self._words[n] = self.account.words(n)
        return self._words[n]

    def prepare(self) -> None:
        """Write every page at its largest."""
        for api in LISTED:
            route = self.routes.by_api[api]
            size = min(route.paging.most, LARGEST.get(api.partition(":")[0], ALL)) if route.paging else ALL
            everywhere = api.startswith("iam:") or api in EVERY_REGION
            places = product(("global",) if everywhere else self.account.regions, {part.of for part in LISTED[api]})
            for region, of in places:
                for start in range(0, max(len(self._listing(route, region, of)), 1), size):
                    self._page(route, region, of, start, size, True)
        self._listings.clear()

    def reply(self, route: Route, region: str, arguments: Arguments) -> Reply:
        """The answer to one request, signed for this region."""
        if route.api in LISTED:
            return self._listed(route, region, arguments)
        if route.api in told.ONE:
            return self._one(route, region, arguments)
        if route.api == "iam:GetCredentialReport":
            return self.said(route.operation, {"Content": _report(self), "ReportFormat": "text/csv"})
        return self.said(route.operation, told.ACCOUNT.get(route.api) or answers.empty(route.operation))

    def said(self, operation: OperationModel, said: Mapping[str, Any] | Fault, n: int = 0) -> Reply:
        if isinstance(said, Fault):
            return answers.refusal(operation, said)
        return _sent(operation, Template(answers.answer(operation, said)).fill(self.words(n)))

    # --- one thing ------------------------------------------------------------------------------------

    def _one(self, route: Route, region: str, arguments: Arguments) -> Reply:
        kind, by, looks = told.ONE[route.api]
        n = self.account.number(kind, arguments[sent_as(route.operation, by)])
        there = None if n is None else self.account.region_of(kind, n)
        if n is None or there not in (region, "global"):
            return answers.refusal(route.operation, self._elsewhere(route, there))
        look = n // len(self.account.regions) % len(looks)
        if isinstance(fault := looks[look], Fault):
            return answers.refusal(route.operation, fault)
        if (route.api, look) not in self._templates:
            self._templates[route.api, look] = Template(answers.answer(route.operation, fault))
        if route.api == "ec2:DescribeVpcAttribute":
            return self.said(route.operation, _attribute(fault, arguments["Attribute"]), n)
        return _sent(route.operation, self._templates[route.api, look].fill(self.words(n)))

    def _elsewhere(self, route: Route, region: str | None) -> Fault:
        """There is no such thing; or S3 says where the bucket is."""
        name = route.api.partition(":")[0]
        if name == "s3" and region:
            return Fault("AuthorizationHeaderMalformed", 400, f"<Region>{region}</Region>")
        return GONE.get(name, Fault("InvalidVpcID.NotFound"))

    # --- pages ----------------------------------------------------------------------------------------

    def _listed(self, route: Route, region: str, arguments: Arguments) -> Reply:
        region = "global" if route.api.startswith("iam:") or route.api in EVERY_REGION else region
        start, size, paged = 0, ALL, False
        known: set[str | None] = set()
        if paging := route.paging:
            known, paged = {paging.token, paging.limit}, paging.limit in arguments
            start, size = int(arguments.get(paging.token, 0)), int(arguments.get(paging.limit or "", paging.usual))
            if paged and not paging.least <= size <= paging.most:
                return answers.refusal(route.operation, Fault("InvalidParameterValue"))
        if strange := [name for name in arguments if name not in known and not name.startswith(ASIDE)]:
            return answers.refusal(route.operation, Fault(f"TheBenchDoesNotKnow.{strange[0]}"))
        if any(name.startswith("RestorableBy.") for name in arguments):
            return self.said(route.operation, {"Snapshots": []})
        of = "".join(arguments.get("ResourceTypeFilters", ()))
        return self._page(route, region, of, start, min(size, LARGEST.get(route.api.partition(":")[0], ALL)), paged)

    def _page(self, route: Route, region: str, of: str, start: int, size: int, paged: bool) -> Reply:
        key = route.api, region, of, start, size, paged
        if key not in self._pages:
            self._pages[key] = self._write_page(route, region, of, start, size, paged)
        return self._pages[key]

    def _write_page(self, route: Route, region: str, of: str, start: int, size: int, paged: bool) -> Reply:
        elements = self._listing(route, region, of)
        said: dict[str, Any] = {part.list: Written() for part in LISTED[route.api]}
        for name, text in elements[start : start + size]:
            said[name].append(text if paged else text.replace(f"<BucketRegion>{_region_in(text)}</BucketRegion>", ""))
        if route.paging:
            said |= _onward(route.paging, start + size, len(elements))
        return _sent(route.operation, answers.answer(route.operation, said))

    def _listing(self, route: Route, region: str, of: str) -> list[tuple[str, str]]:
        if (route.api, region, of) not in self._listings:
            self._listings[route.api, region, of] = list(self._elements(route, region, of))
        return self._listings[route.api, region, of]

    def _elements(self, route: Route, region: str, of: str) -> Iterator[tuple[str, str]]:
        for part in (each for each in LISTED[route.api] if each.of == of):
            looks = [Template(answers.item(route.operation, part.list, look)) for look in part.looks]
            count = self.account.counts[part.kind]
            for n in range(count) if region == "global" else self.account.numbers(part.kind, region):
                for look in looks if part.each else [looks[part.pick(self.account, n)]]:
                    yield part.list, look.fill(self.words(n))


def _onward(paging: Paging, end: int, count: int) -> dict[str, Any]:
    more = end < count
    told = {paging.next: str(end)} if more else {}
    return told | ({paging.more: more} if paging.more else {})


def _region_in(text: str) -> str:
    return text.partition("<BucketRegion>")[2].partition("<")[0]


def _attribute(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    wanted = name[0].upper() + name[1:]
    return {"VpcId": said["VpcId"], wanted: said[wanted]}


def _sent(operation: OperationModel, text: str) -> Reply:
    return Reply(text.encode(), 200, answers.headers(operation))


REPORT = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
    "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
    "cert_2_last_rotated"
)


def _report(stock: Stock) -> str:
    """The credential report: a line for root and for each user."""
    account = stock.account
    names = ["<root_account>", *(account.name("aws_iam_user", n) for n in range(account.counts["aws_iam_user"]))]
    told = "2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,true,false" + ",N/A" * 4 + ",false" + ",N/A" * 4
    lines = [f"{name},arn:aws:iam::{account.id}:user/{name},{told},false,N/A,false,N/A" for name in names]
    return base64.b64encode("\n".join([REPORT, *lines]).encode()).decode()
