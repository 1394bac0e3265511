"""Scans to render: a small one with one of everything, a hostile one, a huge one and an empty one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from checks import Category, Check, Finding, Origin, Severity, Status
from checks.prices import Estimate
from scanner.iac_coverage import IacCoverage, Share
from scanner.outcome import AccountRead, Note, Scan, SuppressedDrift, Suppression, Who
from state import Declaration, Gap, Inventory, Resource
from state.drift import Change, Drift, Kind
from state.history import Digest, Move, Verdict
from state.secret import Secret

ACCOUNT, REGION = "123456789012", "eu-west-1"
PASSWORD = "hunter2-5f1d"
STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def s3_bucket_public(bucket: Resource, inventory: Inventory) -> str | None:
    """Bucket can be read by anyone.

    What is in it is known to everyone.

    Fix: block public access to the bucket.
    """
    return None


def rds_instance_single_az(db: Resource, inventory: Inventory) -> str | None:
    """Database instance runs in a single Availability Zone.

    Fix: set `multi_az = true`.
    """
    return None


PUBLIC = Check(
    rule=s3_bucket_public, types=("aws_s3_bucket",), severity=Severity.CRITICAL, category=Category.PUBLIC_EXPOSURE
)
SINGLE_AZ = Check(
    rule=rds_instance_single_az, types=("aws_db_instance",), severity=Severity.MEDIUM, category=Category.RESILIENCE
)


def resource(type: str, id: str, **fields: Any) -> Resource:
    return Resource(type=type, id=id, account=ACCOUNT, region=REGION, **fields)


def declared(address: str, line: int | None = None) -> Declaration:
    return Declaration(address=address, source="prod.tfstate", file="main.tf" if line else None, line=line)


GROUP = resource("aws_security_group", "sg-1", arn=f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1")
TOPIC = resource("aws_sns_topic", "alerts", declared=declared("aws_sns_topic.alerts", 30))
SCRATCH = resource("aws_s3_bucket", "scratch")
LOGS = resource("aws_s3_bucket", "logs")
ORDERS = resource(
    "aws_db_instance", "orders", attributes={"password": PASSWORD, "multi_az": False}, sensitive=frozenset({"password"})
)
BILLING = resource("aws_db_instance", "billing")

DRIFT = [
    Drift(
        kind=Kind.CHANGED,
        resource=GROUP,
        declared=declared("aws_security_group.web", 12),
        changes=(
            Change("description", "web", "Web (edited)"),
            Change("ingress[tcp/22]", None, {"cidr_ipv4": "0.0.0.0/0", "key": Secret(PASSWORD)}),
        ),
        note="the state changed during the scan",
    ),
    Drift(
        kind=Kind.CHANGED,
        resource=ORDERS,
        declared=declared("aws_db_instance.orders"),
        changes=(Change("master_password", Secret(PASSWORD), Secret("other")), Change("password", PASSWORD, "other")),
    ),
    Drift(kind=Kind.MISSING, resource=TOPIC, declared=TOPIC.declared),
    Drift(kind=Kind.UNMANAGED, resource=SCRATCH),
]

SAVED = Estimate(
    amount=0.8, kind="saves", basis="40 GB at $0.10, less 40 GB at $0.08", source="built in, us-east-1", of=("scratch",)
)
FINDINGS = [
    Finding(
        check=SINGLE_AZ,
        resource=ORDERS,
        status=Status.FAIL,
        message="orders runs in one Availability Zone",
        evidence={"multi_az": False, "password": PASSWORD},
        origin=Origin.DECLARED,
        twin=ORDERS.replace(declared=declared("aws_db_instance.orders", 40)),
        estimate=Estimate(
            amount=21.9,
            kind="costs",
            basis="730 hours of orders at $0.03",
            source=f"AWS Price List, {REGION}",
            of=("db",),
        ),
    ),
    Finding(check=SINGLE_AZ, resource=BILLING, status=Status.UNKNOWN, message="DescribeDBInstances: access denied"),
    Finding(
        check=PUBLIC,
        resource=LOGS,
        status=Status.FAIL,
        message="logs lets anyone read",
        evidence={"grants": frozenset({"AllUsers"}), "since": STARTED, "token": Secret(PASSWORD)},
        origin=Origin.DRIFTED,
        twin=LOGS.replace(declared=declared("aws_s3_bucket.logs", 3)),
    ),
    Finding(
        check=PUBLIC,
        resource=SCRATCH,
        status=Status.FAIL,
        message="scratch is open",
        origin=Origin.UNMANAGED,
        estimate=SAVED,
    ),
    Finding(check=PUBLIC, resource=resource("aws_s3_bucket", "a"), status=Status.PASS),
    Finding(check=PUBLIC, resource=resource("aws_s3_bucket", "b"), status=Status.SUPPRESSED, message="a website"),
    Finding(check=PUBLIC, resource=resource("aws_s3_bucket", "*"), status=Status.SKIPPED, message="live only"),
]

GAPS = [
    Gap(
        type="aws_db_instance",
        account=ACCOUNT,
        region=region,
        reason="DescribeDBInstances: access denied",
        kind="denied",
        operation="rds:DescribeDBInstances",
        permission="rds:DescribeDBInstances",
    )
    for region in (REGION, "us-east-1")
] + [
    Gap(type="aws_s3_bucket", account=ACCOUNT, region=REGION, reason="slow", kind="timeout", id="b", attribute="acl"),
]


def move(of: Finding | Drift, before: str | None, status: str = "") -> Move:
    """A verdict as history tells it, with what drift found live beside it."""
    finding = of if isinstance(of, Finding) else None
    verdict = Verdict(
        id=of.id,
        kind="finding" if finding else "drift",
        check=finding.check.id if finding else "drift",
        title=finding.check.title if finding else "",
        severity=finding.check.severity if finding else "",
        type=of.resource.type,
        identity=of.resource.id,
        resource=of.resource.id,
        account=of.resource.account,
        region=REGION,
        status=status or (finding.status if finding else of.kind),  # type: ignore[union-attr]
        message=finding.message if finding else "",
        address=of.declared.address if of.declared else None,
        origin=finding.origin if finding else None,
        values={"password": PASSWORD},
    )
    return Move(verdict, before)


DIGEST = Digest(
    scan="scan-2",
    since="scan-1",
    regressed=[move(FINDINGS[2], "pass"), move(DRIFT[0], "in-sync")],
    reopened=[move(FINDINGS[0], "pass")],
    new=[move(FINDINGS[3], None)],
    resolved=[move(FINDINGS[4], "fail")],
)


def scan(**changes: Any) -> Scan:
    """A small scan with one of everything."""
    fields: dict[str, Any] = {
        "live": Inventory([GROUP, SCRATCH, LOGS, ORDERS, resource("account", ACCOUNT)], GAPS, taken_at=STARTED),
        "sources": ["prod.tfstate"],
        "drift": DRIFT,
        "findings": FINDINGS,
        "gaps": GAPS,
        "accepted": GAPS[2:],
        "notes": [Note("state", "two states own aws_s3_bucket.logs")],
        "managed": 3,
        "attributes": 40,
        "compared": 36,
        "outside": 2,
        "calls": 1204,
        "digest": DIGEST,
    }
    return bare(**(fields | changes))


def bare(**fields: Any) -> Scan:
    """A scan that saw nothing, of an account that declares nothing."""
    empty: dict[str, Any] = {
        "id": "scan-2",
        "version": "0.1.0",
        "started": STARTED,
        "ended": STARTED + timedelta(seconds=14.25),
        "account": ACCOUNT,
        "caller": f"arn:aws:iam::{ACCOUNT}:role/audit",
        "partition": "aws",
        "regions": [REGION, "us-east-1"],
        "live": Inventory([], taken_at=STARTED),
    }
    return Scan(**(empty | fields))


SHOP, OLD = "222222222222", "333333333333"
REFUSED = Gap(
    type="*",
    account=OLD,
    region="global",
    reason=f"role arn:aws:iam::{OLD}:role/audit could not be assumed: AssumeRole: access denied (AccessDenied)",
    kind="denied",
    operation="sts:AssumeRole",
    permission="sts:AssumeRole",
)


def in_account(each: Any, account: str) -> Any:
    return msgspec.structs.replace(each, resource=each.resource.replace(account=account))


def several(**changes: Any) -> Scan:
    """The small scan over three accounts: the same things in two of them, and one that was not entered."""
    accounts = [
        AccountRead(ACCOUNT, "main", [REGION, "us-east-1"]),
        AccountRead(SHOP, "shop", [REGION]),
        AccountRead(OLD, "old", (), entered=False),
    ]
    theirs = [each.replace(account=SHOP) for each in (SCRATCH, LOGS)]
    gaps = [*GAPS, msgspec.structs.replace(GAPS[0], account=SHOP), REFUSED]
    regressed = [*DIGEST.regressed, move(in_account(FINDINGS[2], SHOP), "pass")]
    fields: dict[str, Any] = {
        "accounts": accounts,
        "live": Inventory([*scan().live.resources, *theirs], gaps, taken_at=STARTED),
        "drift": [*DRIFT, in_account(DRIFT[3], SHOP)],
        "findings": [*FINDINGS, *(in_account(each, SHOP) for each in FINDINGS[2:4])],
        "gaps": gaps,
        "digest": msgspec.structs.replace(DIGEST, regressed=regressed),
        "throttled": 12,
    }
    return scan(**(fields | changes))


def stopped(accounts: int = 100) -> Scan:
    """A scan of many accounts that Ctrl-C ended: each type in each region of each account is a gap."""
    ids, why = [f"{n:012}" for n in range(accounts)], "the scan was ended by Ctrl-C"
    regions = [f"eu-west-{n}" for n in range(17)]
    gaps = [
        Gap(type=f"aws_t{n}", account=id, region=region, reason=why, kind="interrupted")
        for id in ids
        for region in regions
        for n in range(46)
    ]
    unknown = [
        Finding(check=PUBLIC, resource=LOGS, status=Status.UNKNOWN, message=said)
        for said in (why, f"could not read aws_t1: {why}", f"could not read aws_t2: {why}")
    ]
    read = [AccountRead(id, f"team-{id}", regions) for id in ids]
    about: dict[str, Any] = {"digest": None, "drift": (), "accepted": (), "interrupted": why, "regions": regions}
    return scan(gaps=gaps, findings=unknown, accounts=read, **about)


HOSTILE = {
    "html": "<img src=x onerror=alert(1)><!-- -->",
    "formula": '=cmd("/c calc")!A1',
    "ansi": "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "slack": "<!channel> <@U012AB3CD> <https://evil.example|click> @here",
    "table": "a|b\\|c",
    "lines": "one\ntwo\r\n# three\u2028four",
    "markup": "[red]x[/red] [link=https://evil.example]y[/link] :bomb:",
    "markdown": "`code` ``two`` **bold** ![x](https://evil.example/x.png) [y](https://evil.example) @octocat #1",
    "emoji": "👩‍💻 naïve 日本語",
    "rtl": "\u202egnp.exe\u2066\u200f",
    "surrogate": "half \ud83d a pair",
    "number": 2**70,
    "long": "x" * 10_000,
    "words": "long " * 2_000,
}


def hostile() -> Scan:
    """A scan in which whatever AWS or a state may say says something that some medium obeys."""
    drift, findings, gaps, moves, hidden = [], [], [], [], []
    for name, value in HOSTILE.items():
        text = str(value)
        it = resource("aws_s3_bucket", name if name == "surrogate" else text, arn=text)
        here = Declaration(address=text, source=text, file=text, line=1)
        drift.append(
            Drift(kind=Kind.CHANGED, resource=it, declared=here, changes=(Change(text, value, [value]),), note=text)
        )
        findings.append(
            Finding(
                check=PUBLIC,
                resource=it,
                status=Status.FAIL,
                message=text,
                evidence={text: value, name: {text: value}},
                origin=Origin.DECLARED,
                twin=it.replace(declared=here),
            )
        )
        findings.append(Finding(check=SINGLE_AZ, resource=it, status=Status.UNKNOWN, message=text))
        by = Suppression(reason=text, entry=text, owner=text, ticket=text)
        hidden.append((SuppressedDrift(drift[-1], by), msgspec.structs.replace(findings[-2], status=Status.SUPPRESSED)))
        gaps.append(Gap(type=text, account=text, region=text, reason=text, id=text, attribute=text, permission=text))
        moves += [move(findings[-2], "pass"), move(drift[-1], None)]
    kinds = dict.fromkeys(("regressed", "reopened", "new", "now_visible", "newly_checked", "resolved"), moves)
    return scan(
        drift=drift,
        findings=[*findings, *(finding for _, finding in hidden)],
        suppressed=[each for each, _ in hidden],
        suppressions={finding.id: each.by for each, finding in hidden},
        known=frozenset(each.id for each in (*drift, *findings)[::2]),
        everything=True,
        gaps=gaps,
        accepted=(),
        notes=[Note(text, text) for text in map(str, HOSTILE.values())],
        accounts=[
            *(AccountRead(str(value), str(value), [str(value)], n > 1) for n, value in enumerate(HOSTILE.values())),
            *(AccountRead(str(n), str(value), [REGION], n > 1) for n, value in enumerate(HOSTILE.values())),
            AccountRead(ACCOUNT, "999999999999", [REGION]),
        ],
        interrupted=str(HOSTILE["ansi"]),
        digest=Digest(scan="scan-2", since=str(HOSTILE["ansi"]), **kinds),
        sources=[str(each) for each in HOSTILE.values()],
    )


ANN = "arn:aws:iam::123456789012:user/ann"


def asked(**changes: Any) -> Scan:
    """The small scan where CloudTrail was asked, with several things that nobody declares; all is to be shown."""
    by_hand = Who(actor=ANN, time=STARTED, event="AuthorizeSecurityGroupIngress", event_id="1", source_ip="192.0.2.7")
    maybe = Who(actor=ANN, time=STARTED, event="ModifyDBInstance", event_id="2", probable=True, why="the last write")
    nobody = Who(why="CloudTrail tells of no write to it in the last 90 days")
    loose = [
        resource("aws_sqs_queue", f"load-{n}", tags={"owner": "shop"} if n else {"created-by": "ann"}) for n in range(4)
    ]
    fields: dict[str, Any] = {
        "drift": [*DRIFT, *(Drift(kind=Kind.UNMANAGED, resource=each) for each in loose)],
        "who": {DRIFT[0].id: by_hand, FINDINGS[0].id: maybe, DRIFT[2].id: nobody, FINDINGS[2].id: nobody},
        "owner_tags": ("owner",),
        "code": in_code("shop"),
        "everything": True,
    }
    return scan(**fields | changes)


def in_code(name: str) -> IacCoverage:
    return IacCoverage(
        declared=3,
        unmanaged=5,
        undecided=1,
        elsewhere={"aws": 2},
        accounts=[Share(name=ACCOUNT, declared=3, unmanaged=5)],
        types=[Share(name="aws_sqs_queue", unmanaged=4), Share(name="aws_s3_bucket", declared=3, unmanaged=1)],
        owners=[Share(name=name, declared=3, unmanaged=5)],
        gaps=3,
    )


def hostile_owners() -> Scan:
    """A scan in which whoever did it, owns it or made it has a name that some medium obeys."""
    drift = []
    for n, text in enumerate(map(str, HOSTILE.values())):
        tags = {"owner": text, "created-by": text}
        drift += [Drift(kind=Kind.UNMANAGED, resource=resource(f"aws_{n}", f"x-{n}-{i}", tags=tags)) for i in range(2)]
    said = [
        Who(actor=text, time=STARTED, event=text, event_id=text, source_ip=text, probable=True, why=text)
        for text in map(str, HOSTILE.values())
    ]
    bad = [*drift, *FINDINGS]
    who = {each.id: said[n % len(said)] for n, each in enumerate(bad)}
    code = in_code(str(HOSTILE["markdown"]))
    owners = [Share(name=str(value), unmanaged=1) for value in HOSTILE.values()]
    return asked(drift=drift, who=who, code=msgspec.structs.replace(code, owners=owners))


def huge(count: int = 2_000) -> Scan:
    """A scan with as many failing findings, drifted resources, gaps and moves as an estate left alone has."""
    found = [
        Finding(
            check=(PUBLIC, SINGLE_AZ)[n % 2],
            resource=resource("aws_s3_bucket", f"bucket-{n:04}"),
            status=Status.FAIL,
            message=f"bucket-{n:04} is open",
            evidence={"n": n},
            origin=Origin.UNMANAGED,
        )
        for n in range(count)
    ]
    drift = [
        Drift(
            kind=Kind.CHANGED,
            resource=each.resource,
            declared=declared(f"x.y{n}", n + 1),
            changes=(Change("acl", 1, 2),),
        )
        for n, each in enumerate(found)
    ]
    gaps = [Gap(type=f"aws_t{n}", account=ACCOUNT, region=REGION, reason=f"reason {n}") for n in range(count)]
    digest = Digest(scan="scan-2", since="scan-1", regressed=[move(each, "pass") for each in found])
    return scan(findings=found, drift=drift, gaps=gaps, accepted=(), digest=digest)
