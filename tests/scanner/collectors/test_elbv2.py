from typing import Any

import pytest

from scanner.collectors import autoscaling, ecs, elbv2, elbv2_listeners, elbv2_targets
from scanner.collectors.elbv2 import BALANCER
from scanner.collectors.elbv2_listeners import ACTIONS, CERTIFICATE, LISTENER, RULE
from scanner.collectors.elbv2_targets import TARGET, TARGET_GROUP
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types

COLLECTORS = [*elbv2.COLLECTORS, *elbv2_listeners.COLLECTORS, *elbv2_targets.COLLECTORS]
REGISTRARS = [*autoscaling.COLLECTORS, *ecs.COLLECTORS]
TAGS = [{"Key": "team", "Value": "shop"}]
ARN = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"


def network(aws):
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    blocks = {f"{REGION}a": "10.0.0.0/24", f"{REGION}b": "10.0.1.0/24"}
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for zone, block in blocks.items()
    ]
    return vpc, subnets, ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]


def machine(aws, subnet):
    made = aws("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet)
    return made["Instances"][0]["InstanceId"]


@pytest.fixture
def made(aws):
    """A load balancer with a listener, a rule, two target groups and a target."""
    vpc, subnets, group = network(aws)
    api, about = aws("elbv2"), {"Protocol": "HTTP", "Port": 8080, "VpcId": vpc}
    balancer = api.create_load_balancer(
        Name="web", Subnets=subnets, SecurityGroups=[group], Scheme="internal", Tags=TAGS
    )["LoadBalancers"][0]
    app, blue = (
        api.create_target_group(Name=name, Tags=TAGS, **about)["TargetGroups"][0]["TargetGroupArn"]
        for name in ("app", "blue")
    )
    certificates = [aws("acm").request_certificate(DomainName=f"{name}.example.org") for name in "ab"]
    own, other = (each["CertificateArn"] for each in certificates)
    listener = api.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        SslPolicy="ELBSecurityPolicy-2016-08",
        Certificates=[{"CertificateArn": own}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": app}],
        Tags=TAGS,
    )["Listeners"][0]["ListenerArn"]
    api.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": other}])
    weights = [{"TargetGroupArn": app, "Weight": 1}, {"TargetGroupArn": blue, "Weight": 2}]
    rule = api.create_rule(
        ListenerArn=listener,
        Priority=10,
        Conditions=[
            {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b"]}},
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X", "Values": ["1"]}},
        ],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}],
        Tags=TAGS,
    )["Rules"][0]["RuleArn"]
    target, other_target = machine(aws, subnets[0]), machine(aws, subnets[1])  # moto keeps one port of each
    api.register_targets(TargetGroupArn=app, Targets=[{"Id": target}, {"Id": other_target, "Port": 9090}])
    names = {"balancer": balancer, "app": app, "blue": blue, "own": own, "other": other}
    names |= {"target": target, "other_target": other_target}
    return names | {"listener": listener, "rule": rule, "vpc": vpc, "subnets": subnets, "group": group}


def found(collector, *more, **where):
    inventory = read(collector, *more)
    assert [gap for gap in inventory.gaps if gap.type == collector.type] == []
    [one] = [each for each in inventory.of(collector.type) if where.items() <= each.attributes.items()]
    assert_value_types(one)
    return one


def test_load_balancer(aws, made):
    arn = made["balancer"]["LoadBalancerArn"]
    aws("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=arn,
        Attributes=[
            {"Key": "idle_timeout.timeout_seconds", "Value": "30"},
            {"Key": "access_logs.s3.enabled", "Value": "true"},
            {"Key": "access_logs.s3.bucket", "Value": "logs"},
            {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
        ],
    )
    web = found(BALANCER)
    assert web.key == ("aws_lb", ACCOUNT, REGION, arn)
    assert (web.id, web.arn, web.tags, web.owner) == (arn, arn, {"team": "shop"}, None)
    nowhere = dict.fromkeys(("allocation_id", "ipv6_address", "outpost_id", "private_ipv4_address"))
    assert web.attributes == dict.fromkeys(BALANCER.attributes) | {
        "access_logs": [{"bucket": "logs", "enabled": True, "prefix": ""}],
        "arn": arn,
        "arn_suffix": arn.partition("loadbalancer/")[2],
        "connection_logs": [],
        "dns_name": made["balancer"]["DNSName"],
        "drop_invalid_header_fields": True,
        "enable_cross_zone_load_balancing": False,
        "enable_deletion_protection": False,
        "health_check_logs": [],
        "idle_timeout": 30,
        "internal": True,
        "ip_address_type": "ipv4",
        "ipam_pools": [],
        "load_balancer_type": "application",
        "name": "web",
        "security_groups": [made["group"]],
        "subnet_mapping": [{**nowhere, "subnet_id": each} for each in made["subnets"]],
        "subnets": made["subnets"],
        "vpc_id": made["vpc"],
        "zone_id": made["balancer"]["CanonicalHostedZoneId"],
        "tags": {"team": "shop"},
    }
    # What AWS does not say of this kind of load balancer is Terraform's own default.
    quiet = twin(web, subnets=made["subnets"][::-1], enable_http2=True, connection_logs=[{"enabled": False}])
    assert told(read(BALANCER), [BALANCER], quiet) == set()
    aws("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "access_logs.s3.enabled", "Value": "false"}]
    )
    assert told(read(BALANCER), [BALANCER], quiet) == {("changed", "aws_lb", "access_logs")}


def test_listener(aws, made):
    arn = made["listener"]
    https = found(LISTENER)
    assert (https.id, https.identity, https.arn, https.tags) == (arn, arn, arn, {"team": "shop"})
    assert https.attributes == dict.fromkeys(LISTENER.attributes) | {
        "arn": arn,
        "certificate_arn": made["own"],
        "default_action": [
            dict.fromkeys(("authenticate_cognito", "authenticate_oidc", "fixed_response", "forward", "order"))
            | {"redirect": None, "target_group_arn": made["app"], "type": "forward"}
        ],
        "load_balancer_arn": made["balancer"]["LoadBalancerArn"],
        "mutual_authentication": [],
        "port": 443,
        "protocol": "HTTPS",
        "ssl_policy": "ELBSecurityPolicy-2016-08",
        "tcp_idle_timeout_seconds": 350,
        "tags": {"team": "shop"},
    }
    block = [{"target_group": [{"arn": made["app"], "weight": 1}], "stickiness": [{"enabled": False, "duration": 9}]}]
    kept = twin(https, default_action=[{"order": 1, "type": "forward", "target_group_arn": "", "forward": block}])
    assert told(read(LISTENER), [LISTENER], kept) == set()
    aws("elbv2").modify_listener(ListenerArn=arn, DefaultActions=[{"Type": "forward", "TargetGroupArn": made["blue"]}])
    changed = {("changed", "aws_lb_listener", "default_action[0].target_group_arn")}
    assert told(read(LISTENER), [LISTENER], kept) == changed


def test_a_redirect_is_the_same_with_and_without_its_defaults_and_a_secret_is_never_compared():
    wanted = {
        "type": "redirect",
        "order": 1,
        "redirect": [{"port": "443", "status_code": "HTTP_301", "host": "#{host}"}],
    }
    actual = {"type": "redirect", "redirect": [{"port": "443", "status_code": "HTTP_301", "path": "/#{path}"}]}
    assert list(ACTIONS.differences("action", [wanted], [actual])) == []
    actual["redirect"][0]["port"] = "8443"
    [(path, before, after)] = ACTIONS.differences("action", [wanted], [actual])
    assert (path, before, after) == ("action[0].redirect.port", "443", "8443")
    login = {"type": "authenticate-oidc", "authenticate_oidc": [{"issuer": "https://i", "client_secret": "hush"}]}
    [(_, *both)] = ACTIONS.differences("action", [login, wanted], [wanted])
    assert "hush" not in repr(both)


def test_weights_and_stickiness_are_told_where_terraform_has_them():
    def weighted(duration: int, *weights: int) -> dict[str, Any]:
        groups = [{"arn": f"arn:{number}", "weight": each} for number, each in enumerate(weights, 1)]
        stickiness = [{"enabled": duration > 0, "duration": duration}]
        return {"type": "forward", "forward": [{"target_group": groups, "stickiness": stickiness}]}

    shifted = ACTIONS.differences("action", [weighted(9, 80, 20)], [weighted(60, 0, 20)])
    assert [*shifted] == [
        ("action[0].forward[0].stickiness[0].duration", 9, 60),
        ("action[0].forward[0].target_group[arn:1].weight", 80, 0),
    ]
    assert [*ACTIONS.differences("action", [weighted(0, 1)], [weighted(0, 5)])] == []


def test_rule(made):
    rule = found(RULE)
    assert (rule.id, rule.identity, rule.arn, rule.tags) == (made["rule"], made["rule"], made["rule"], {"team": "shop"})
    other = dict.fromkeys(("host_header", "http_header", "http_request_method", "path_pattern", "query_string"))
    other["source_ip"] = None
    [action] = rule["action"]
    assert action["forward"][0]["target_group"] == [
        {"arn": made["app"], "weight": 1},
        {"arn": made["blue"], "weight": 2},
    ]
    assert {name: rule[name] for name in ("arn", "condition", "listener_arn", "priority", "transform")} == {
        "arn": made["rule"],
        "condition": [
            other | {"path_pattern": [{"regex_values": None, "values": ["/a", "/b"]}]},
            other | {"http_header": [{"http_header_name": "X", "regex_values": None, "values": ["1"]}]},
        ],
        "listener_arn": made["listener"],
        "priority": 10,
        "transform": [],
    }
    condition = [
        {"path_pattern": [{"values": ["/b", "/a"]}]},
        {"http_header": [{"http_header_name": "X", "values": ["1"]}]},
    ]
    assert told(read(RULE), [RULE], twin(rule, condition=condition)) == set()
    assert told(read(RULE), [RULE], twin(rule, condition=condition[:1])) == {
        ("changed", "aws_lb_listener_rule", "condition")
    }


def test_certificate(made):
    added = found(CERTIFICATE)
    assert added.id == f"{made['listener']}_{made['other']}"
    assert added.identity == f"{made['listener']}/{made['other']}"
    assert added.attributes == {"certificate_arn": made["other"], "listener_arn": made["listener"]}
    listener = twin(found(LISTENER))
    seen, known = read(CERTIFICATE, LISTENER), [CERTIFICATE, LISTENER]
    assert told(seen, known, listener, twin(added)) == set()
    [(kind, type, path)] = told(seen, known, listener)
    assert (kind, type, path.partition("[")[0]) == ("changed", "aws_lb_listener", "certificate")


def test_target_group(aws, made):
    arn = made["app"]
    app = found(TARGET_GROUP, name="app")
    assert (app.id, app.identity, app.arn, app.tags) == (arn, arn, arn, {"team": "shop"})
    assert app.attributes == dict.fromkeys(TARGET_GROUP.attributes) | {
        "arn": arn,
        "arn_suffix": arn.rpartition(":")[2],
        "deregistration_delay": "300",
        "health_check": [
            {
                "enabled": True,
                "healthy_threshold": 5,
                "interval": 30,
                "matcher": "200",
                "path": "/",
                "port": "traffic-port",
                "protocol": "HTTP",
                "timeout": 5,
                "unhealthy_threshold": 2,
            }
        ],
        "ip_address_type": "ipv4",
        "load_balancer_arns": app["load_balancer_arns"],
        "load_balancing_algorithm_type": "round_robin",
        "load_balancing_cross_zone_enabled": "use_load_balancer_configuration",
        "name": "app",
        "port": 8080,
        "protocol": "HTTP",
        "protocol_version": "HTTP1",
        "slow_start": 0,
        "stickiness": [{"cookie_duration": None, "cookie_name": None, "enabled": False, "type": "lb_cookie"}],
        "target_failover": [],
        "target_group_health": [],
        "target_health_state": [],
        "target_type": "instance",
        "vpc_id": made["vpc"],
        "tags": {"team": "shop"},
    }
    off = [{"cookie_duration": 86400, "cookie_name": "", "enabled": False, "type": "lb_cookie"}]
    kept = [twin(app, stickiness=off, proxy_protocol_v2=False), twin(found(TARGET_GROUP, name="blue"))]
    assert told(read(TARGET_GROUP), [TARGET_GROUP], *kept) == set()
    aws("elbv2").modify_target_group(TargetGroupArn=arn, HealthCheckPath="/up")
    aws("elbv2").modify_target_group_attributes(
        TargetGroupArn=arn,
        Attributes=[
            {"Key": "stickiness.enabled", "Value": "true"},
            {"Key": "stickiness.lb_cookie.duration_seconds", "Value": "60"},
        ],
    )
    assert {path for _, _, path in told(read(TARGET_GROUP), [TARGET_GROUP], *kept)} == {
        "health_check[0].path",
        "stickiness",
    }


def test_targets_are_told_by_their_ports_where_these_are_said(made):
    group, target, other = made["app"], made["target"], made["other_target"]
    seen = read(TARGET, TARGET_GROUP, *REGISTRARS)
    assert {(each.id, each.identity, each.owner) for each in seen.of(TARGET.type)} == {
        (f"{group}/{target}", f"{group}/{target}/8080", None),
        (f"{group}/{other}/9090", f"{group}/{other}/9090", None),
    }
    for each in seen.of(TARGET.type):
        assert_value_types(each)
    groups = [twin(each) for each in seen.of(TARGET_GROUP.type)]
    in_app = {"target_group_arn": group}
    plain = declared("aws_alb_target_group_attachment", f"{group}-2025", **in_app, target_id=target, port=None)
    special = declared(TARGET.type, f"{group}-2026", **in_app, target_id=other, port=9090)
    assert told(seen, [TARGET, TARGET_GROUP], *groups, plain, special) == set()
    assert told(seen, [TARGET, TARGET_GROUP], *groups, plain) == {
        ("changed", "aws_lb_target_group", f"attachment[{other}/9090]")
    }
    gone = declared(TARGET.type, f"{group}-2027", **in_app, target_id=target, port=1)
    assert told(seen, [TARGET, TARGET_GROUP], *groups, plain, special, gone) == {("missing", TARGET.type, "")}


def test_what_a_group_registers_by_itself_is_its_own(aws, made):
    api = aws("autoscaling")
    api.create_launch_configuration(
        LaunchConfigurationName="web", ImageId="ami-12345678", InstanceType="t3.micro", SecurityGroups=[made["group"]]
    )
    api.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="web",
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=made["subnets"][0],
        TargetGroupARNs=[made["blue"]],
    )
    seen = read(TARGET, *REGISTRARS)
    owners = {each["target_group_arn"]: each.owner for each in seen.of(TARGET.type)}
    assert owners == {made["app"]: None, made["blue"]: "autoscaling: web"}
    [unseen] = {each.owner.partition(":")[0] for each in read(TARGET).of(TARGET.type)}
    assert unseen == "unknown"


def test_what_is_denied_is_unknown(made, allowed_only):
    with allowed_only("elasticloadbalancing:DescribeLoadBalancers"):
        inventory = read(BALANCER)
    [web] = inventory.of("aws_lb")
    assert {"tags", "idle_timeout", "access_logs"} <= set(web.unknown)
    assert {each.permission for each in inventory.gaps} == {
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeTags",
    }


def test_real_states():
    assert_corpus_equals_itself(COLLECTORS)
