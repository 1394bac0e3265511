"""driftline.toml: what may be set, where, and the one line that says what is wrong."""

from pathlib import Path

import pytest

from scanner.settings import Settings, SettingsError, Whose, from_flags, read


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRIFTLINE_CONFIG", raising=False)
    return tmp_path


def test_no_file_is_all_defaults(here):
    assert read(None) == Settings()


def test_who_asks_for_the_address_asks_who(here):
    Path("mine.toml").write_text("who_ip = true")
    assert read(Path("mine.toml")).who
    assert from_flags(Settings(), {"who_ip": True}).who
    assert not from_flags(Settings(), {"who": None}).who


@pytest.mark.parametrize("asked", [{"who_most": 0}, {"who_most": -1}])
def test_nothing_to_ask_about_is_no_number_of_things(asked):
    with pytest.raises(SettingsError, match=r"^--who-most: -?[01] is no number of things to ask about$"):
        from_flags(Settings(), asked)


@pytest.mark.parametrize("pace", [0, -1, 10.5])
def test_a_pace_that_nobody_would_want(pace):
    with pytest.raises(SettingsError) as refused:
        from_flags(Settings(), {"pace": pace})
    assert str(refused.value) == (
        f"--pace: {pace:g} is no pace; give more than 0, up to 1, "
        "and up to 10 where the accounts were granted more than AWS documents"
    )


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_time_in_which_nothing_can_be_done(seconds):
    with pytest.raises(SettingsError, match=r"^--timeout: -?[01] is no number of seconds to scan for$"):
        from_flags(Settings(), {"timeout": seconds})


def test_an_account_that_was_granted_more_may_be_asked_faster():
    assert from_flags(Settings(), {"pace": 10.0}).pace == 10


def test_a_named_file_may_set_everything(here):
    Path("mine.toml").write_text(
        """
        from = ["s3://acme-tf/prod/**"]
        regions = ["eu-west-1"]
        role_arn = "arn:aws:iam::123456789012:role/driftline"
        required_tags = ["owner"]
        public_load_balancers = ["shop-*"]
        public_repositories = ["shop-agent"]
        ignore_code_hashes = true
        db = "history.sqlite"
        fail_on = ["never"]

        [[states]]
        from = "legacy/*.tfstate"
        account = "123456789012"
        region = "eu-west-1"
        """
    )
    assert read(Path("mine.toml")) == Settings(
        sources=("s3://acme-tf/prod/**",),
        regions=("eu-west-1",),
        role_arn="arn:aws:iam::123456789012:role/driftline",
        required_tags=("owner",),
        public_load_balancers=("shop-*",),
        public_repositories=("shop-agent",),
        ignore_code_hashes=True,
        db=Path("history.sqlite"),
        fail_on=("never",),
        states=(Whose(source="legacy/*.tfstate", account="123456789012", region="eu-west-1"),),
    )


def test_a_file_that_only_lies_here_may_say_what_a_team_agreed_on(here):
    Path("driftline.toml").write_text('required_tags = ["team"]\n[[states]]\nfrom = "a"\naccount = "1"\n')
    assert read(None) == Settings(required_tags=("team",), states=(Whose(source="a", account="1"),))


@pytest.mark.parametrize(
    "line",
    [
        'role_arn = "arn:aws:iam::666666666666:role/evil"',
        'profile = "production"',
        'from = ["s3://evil/state"]',
        'fail_on = ["never"]',
        'suppress = "all.toml"',
        'checks = ["none"]',
        "everything = true",
        "follow_backends = true",
        'allow_backends = ["evil.example.com"]',
    ],
)
def test_a_file_that_only_lies_here_sends_nothing_anywhere_and_lowers_no_gate(here, line):
    Path("driftline.toml").write_text(line)
    with pytest.raises(SettingsError) as told:
        read(None)
    key = line.partition(" ")[0]
    assert str(told.value) == (
        f"driftline.toml: {key} may only be set by flags or in a file that you name; "
        "use --config driftline.toml if you trust it"
    )
    read(Path("driftline.toml"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("regoins = ['eu-west-1']", ":1: there is no setting regoins; did you mean regions?"),
        (
            "allowed_tag_values = { environment = '(' }",
            "allowed_tag_values: environment: '(' is no pattern: missing ), unterminated subpattern at position 0",
        ),
        ("regions = 'eu-west-1'", ":1: regions: expected `array`, got `str`; see the settings in README"),
        (
            "[[states]]\naccount = '1'",
            ":1: [[states]] 1: missing required field `from`; see the settings in README",
        ),
        ("regions = [", "not TOML: Invalid value (at end of document)"),
        (
            "fail_on = ['hihg']",
            "'hihg' is nothing to fail on; choose from critical, high, medium, low, changed, missing, unmanaged, "
            "regression, new, worse, unknown, never",
        ),
    ],
)
def test_a_wrong_file_is_one_clear_line(here, text, line):
    Path("mine.toml").write_text(text)
    with pytest.raises(SettingsError) as told:
        read(Path("mine.toml"))
    assert str(told.value) == f"mine.toml{line if line.startswith(':') else f': {line}'}"


def test_a_file_that_is_not_there(here):
    with pytest.raises(SettingsError, match=r"mine.toml: there is no such settings file"):
        read(Path("mine.toml"))


def test_a_binary_file(here):
    Path("mine.toml").write_bytes(b"\x00\xff\xfe")
    with pytest.raises(SettingsError, match=r"mine.toml: not TOML"):
        read(Path("mine.toml"))


def test_flags_go_over_the_file():
    asked = {"regions": ("us-east-1",), "sources": (), "profile": None, "fail_on": "critical, new", "db": "x.sqlite"}
    settings = from_flags(Settings(regions=("eu-west-1",), sources=("a",), profile="p"), asked)
    assert settings == Settings(
        regions=("us-east-1",), sources=("a",), profile="p", fail_on=("critical", "new"), db=Path("x.sqlite")
    )


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"severities": ("severe",)}, "--severity severe: choose from low, medium, high, critical"),
        ({"fail_on": "everything"}, "--fail-on: 'everything' is nothing to fail on; choose from "),
        ({"categories": ("money",)}, "--category money: choose from backup, "),
        ({"fail_on": ""}, "--fail-on: names nothing to fail on; `never` opens the gate on purpose"),
        ({"fail_on": " , "}, "--fail-on: names nothing to fail on; `never` opens the gate on purpose"),
    ],
)
def test_a_wrong_flag_is_one_clear_line(asked, line):
    with pytest.raises(SettingsError) as told:
        from_flags(Settings(), asked)
    assert str(told.value).startswith(line)
