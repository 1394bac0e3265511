"""A stand-in for AWS on this machine's loopback, in a process of its own: answers, paces, fails and counts.

``python -m tests.bench.endpoint --size 1000`` prints its URL. Every operation that a scan may call is
answered; one that the synthetic account has nothing of, with an empty answer. ``/-/counts`` says what
was asked, as JSON; ``/-/reset`` forgets it; what is posted to ``/-/faults`` goes wrong from then on.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from scanner.aws.allowed import ALLOWED
from scanner.aws.operations import PRICES
from tests.bench import answers
from tests.bench.account import CALLER, REGIONS, Account, counts
from tests.bench.answers import Fault, Reply
from tests.bench.counts import Book, Row
from tests.bench.routes import Arguments, Route, Routes
from tests.bench.stock import LISTED, Stock
from tests.bench.tls import context
from tests.bench.told import ONE
from tests.bench.world import World, Wrong

MORE = frozenset({"organizations:ListAccounts", "sts:AssumeRole", "sts:GetCallerIdentity", "ec2:DescribeRegions"})
_SCOPE = re.compile(r"Credential=(\w+)/\d+/([\w-]+)/([\w-]+)/")


# --- answering ------------------------------------------------------------------------------------


class Aws:
    """All accounts of a world behind one address."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.routes = Routes(ALLOWED | PRICES | MORE | LISTED.keys() | ONE.keys())
        self.stocks: dict[str, Stock] = {}
        self.book = Book()
        self.wrongs: list[Wrong] = []
        self.random = random.Random(4711)
        for id in world.ids:
            self.stock(id).prepare()

    def stock(self, id: str) -> Stock:
        if id not in self.stocks:
            regions = REGIONS[: self.world.regions]
            self.stocks[id] = Stock(Account(id, regions, counts(self.world.size, len(regions))), self.routes)
        return self.stocks[id]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        if request.raw_path.startswith("/-/"):
            return self._control(request.raw_path, body)
        book = self.book
        book.in_flight += 1
        book.peak = max(book.peak, book.in_flight)
        try:
            return await self._answer(request, body)
        finally:
            book.in_flight -= 1

    async def _answer(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        scope = _SCOPE.search(request.headers.get("Authorization", ""))
        key, region, signed_for = scope.groups() if scope else ("", "", "")
        target = request.headers.get("X-Amz-Target", "")
        found = self.routes.find(signed_for, request.method, request.raw_path, target, body)
        await asyncio.sleep(self.world.latency)
        if found is None:
            self.book.unknown.append(f"{signed_for} {request.method} {request.raw_path} {target} {body[:80]!r}")
            return web.Response(status=501, text="no operation that the bench knows")
        route, arguments = found
        account = key[4:16] if key.startswith("ASIA") else CALLER
        row = self.book.row(account, region, route.api, _unqualified(route, arguments))
        row.calls += 1
        if self.world.limited and not self.book.allows(row, time.monotonic()):
            row.throttled += 1
            return _response(answers.throttled(route.operation))
        if wrong := self._goes_wrong(route):
            row.faults += 1
            return await self._wrong(request, wrong, self._reply(route, row, arguments))
        return _response(self._counted(route, row, arguments, body or request.raw_path.encode()))

    def _counted(self, route: Route, row: Row, arguments: Arguments, asked: bytes) -> Reply:
        reply = self._reply(route, row, arguments)
        if reply.status >= 500:
            return reply
        name = hash((row.account, row.region, row.api, asked))
        row.duplicates += name in self.book.answered
        self.book.answered.add(name)
        row.refused += reply.status >= 400
        row.unpaged += _unpaged(route, arguments)
        if route.api in LISTED:
            row.chain = max(row.chain, self._link(route, row, arguments))
        return reply

    def _link(self, route: Route, row: Row, arguments: Arguments) -> int:
        """Which page of its chain this is."""
        first = route.paging is None or route.paging.token not in arguments
        key = row.account, row.region, row.api, *(name for name in arguments if name.startswith("RestorableBy"))
        self.book.chains[key] = 1 if first else self.book.chains[key] + 1
        return self.book.chains[key]

    def _reply(self, route: Route, row: Row, arguments: Arguments) -> Reply:
        stock = self.stock(row.account)
        if route.api not in MORE:
            return stock.reply(route, row.region, arguments)
        return stock.said(route.operation, self._about_accounts(route.api, row.account, arguments))

    def _about_accounts(self, api: str, account: str, arguments: Arguments) -> dict[str, Any] | Fault:
        if api == "sts:GetCallerIdentity":
            who = "user/bench" if account == CALLER else "assumed-role/driftline/bench"
            return {"UserId": "AIDAQ", "Account": account, "Arn": f"arn:aws:{_STS[account == CALLER]}::{account}:{who}"}
        if api == "sts:AssumeRole":
            return _assumed(arguments["RoleArn"])
        if api == "ec2:DescribeRegions":
            names = REGIONS[: self.world.regions]
            return {"Regions": [{"RegionName": name, "OptInStatus": "opt-in-not-required"} for name in names]}
        return {"Accounts": [{"Id": id, "Name": f"account {id}", "Status": "ACTIVE"} for id in self.world.ids]}

    # --- what goes wrong ------------------------------------------------------------------------------

    def _goes_wrong(self, route: Route) -> Wrong | None:
        for wrong in self.wrongs:
            if wrong.api in ("", route.api) and wrong.times != 0 and self.random.random() < wrong.probability:
                wrong.times = None if wrong.times is None else wrong.times - 1
                return wrong
        return None

    async def _wrong(self, request: web.BaseRequest, wrong: Wrong, reply: Reply) -> web.StreamResponse:
        transport = request.transport
        assert transport
        if wrong.what == "slow":
            await asyncio.sleep(wrong.seconds)
            return _response(reply)
        if wrong.what == "reset":
            transport.abort()
        if wrong.what == "truncated":
            length = str(len(reply.body) or 1)
            sent = web.StreamResponse(status=reply.status, headers={**reply.headers, "Content-Length": length})
            await sent.prepare(request)
            await sent.write(reply.body[: len(reply.body) // 2])
            transport.close()
            return sent
        return web.Response(status=int(wrong.what) if wrong.what.isdigit() else 500)

    def _control(self, path: str, body: bytes) -> web.Response:
        if path == "/-/reset":
            self.book, self.wrongs = Book(), []
        elif path == "/-/faults":
            self.wrongs = msgspec.json.decode(body, type=list[Wrong])
        elif path == "/-/resources":
            held = [[id, *each] for id in self.world.ids for each in self.stock(id).account.resources()]
            return web.Response(body=msgspec.json.encode(held), content_type="application/json")
        return web.Response(body=msgspec.json.encode(self.book.counts()), content_type="application/json")


_STS = {True: "iam", False: "sts"}


def _assumed(role: str) -> dict[str, Any]:
    account, role = role.split(":")[4], role.rpartition("/")[2]
    keys = {"AccessKeyId": f"ASIA{account}", "SecretAccessKey": "secret", "SessionToken": f"token-{account}"}
    return {
        "Credentials": keys | {"Expiration": "2099-01-01T00:00:00Z"},
        "AssumedRoleUser": {"AssumedRoleId": "AROAQ:bench", "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/bench"},
    }


def _unpaged(route: Route, arguments: Arguments) -> bool:
    """A Describe of EC2's that pages, and came without saying how large a page."""
    return route.api.startswith("ec2:Describe") and route.paging is not None and "MaxResults" not in arguments


def _unqualified(route: Route, arguments: Arguments) -> bool:
    return route.api.startswith("ec2:Describe") and arguments.keys() <= {"Action", "Version"}


def _response(reply: Reply) -> web.Response:
    return web.Response(body=reply.body, status=reply.status, headers=reply.headers)


# --- the process ----------------------------------------------------------------------------------


async def serve(world: World) -> None:
    server = web.Server(Aws(world).handle, access_log=None, keepalive_timeout=3600)
    tls = context(world.tls) if world.tls else None
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0, backlog=1024, ssl=tls)
    gc.freeze()
    print(f"{'https' if tls else 'http'}://127.0.0.1:{listening.sockets[0].getsockname()[1]}", flush=True)
    async with listening:
        await listening.serve_forever()


def options(arguments: Iterable[str] | None = None) -> World:
    parser = argparse.ArgumentParser(prog="tests.bench.endpoint", description=__doc__)
    parser.add_argument("--size", type=int, default=700)
    parser.add_argument("--regions", type=int, default=1)
    parser.add_argument("--accounts", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0.04)
    parser.add_argument("--tls", type=Path)
    parser.add_argument("--unlimited", dest="limited", action="store_false")
    return World(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    asyncio.run(serve(options()))
