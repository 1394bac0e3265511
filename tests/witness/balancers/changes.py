"""What people do to load balancers by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def _arn(state: State, address: str) -> str:
    return state[f"aws_lb{address}"]["arn"]


def _forward(state: State, name: str) -> dict:
    return {"Type": "forward", "TargetGroupArn": _arn(state, f"_target_group.{name}")}


def _set(aws: Clients, arn: str, **pairs: str) -> None:
    attributes = [{"Key": key.replace("__", "."), "Value": value} for key, value in pairs.items()]
    aws("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)


def deletion_let_in(aws: Clients, state: State) -> None:
    _set(aws, _arn(state, ".app"), deletion_protection__enabled="false")


def requests_not_logged(aws: Clients, state: State) -> None:
    _set(aws, _arn(state, ".app"), access_logs__s3__enabled="false")


def balancer_given_another_group(aws: Clients, state: State) -> None:
    aws("elbv2").set_security_groups(
        LoadBalancerArn=_arn(state, ".app"), SecurityGroups=[state["aws_security_group.other"]["id"]]
    )


def balancer_tag_removed(aws: Clients, state: State) -> None:
    aws("elbv2").remove_tags(ResourceArns=[_arn(state, ".app")], TagKeys=["Name", "Team"])


def group_checked_elsewhere(aws: Clients, state: State) -> None:
    aws("elbv2").modify_target_group(
        TargetGroupArn=_arn(state, "_target_group.web"), HealthCheckPath="/", Matcher={"HttpCode": "200-499"}
    )


def group_made_sticky(aws: Clients, state: State) -> None:
    pairs = {"stickiness.enabled": "true", "stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "x"}
    _group(aws, state, "next", pairs)


def callers_hidden(aws: Clients, state: State) -> None:
    _group(aws, state, "tcp", {"preserve_client_ip.enabled": "false", "proxy_protocol_v2.enabled": "false"})


def _group(aws: Clients, state: State, name: str, pairs: dict[str, str]) -> None:
    attributes = [{"Key": key, "Value": value} for key, value in pairs.items()]
    arn = _arn(state, f"_target_group.{name}")
    aws("elbv2").modify_target_group_attributes(TargetGroupArn=arn, Attributes=attributes)


def target_removed(aws: Clients, state: State) -> None:
    target = {"Id": "10.5.1.77", "Port": 8081}
    aws("elbv2").deregister_targets(TargetGroupArn=_arn(state, "_target_group.next"), Targets=[target])


def target_moved_to_another_port(aws: Clients, state: State) -> None:
    target_removed(aws, state)
    targets = [{"Id": "10.5.1.77", "Port": 9999}]
    aws("elbv2").register_targets(TargetGroupArn=_arn(state, "_target_group.next"), Targets=targets)


def machine_taken_from_its_group(aws: Clients, state: State) -> None:
    target = {"Id": state["aws_instance.web"]["id"]}
    aws("elbv2").deregister_targets(TargetGroupArn=_arn(state, "_target_group.web"), Targets=[target])


def _listener(aws: Clients, state: State, name: str, **settings: object) -> None:
    aws("elbv2").modify_listener(ListenerArn=_arn(state, f"_listener.{name}"), **settings)


def plain_text_let_in(aws: Clients, state: State) -> None:
    _listener(aws, state, "plain", DefaultActions=[_forward(state, "web")])


def certificate_replaced(aws: Clients, state: State) -> None:
    arn = state['aws_acm_certificate.main["old.example.com"]']["arn"]
    _listener(aws, state, "tls", Certificates=[{"CertificateArn": arn}])


def weights_changed(aws: Clients, state: State) -> None:
    groups = [
        {"TargetGroupArn": _arn(state, "_target_group.web"), "Weight": 0},
        {"TargetGroupArn": _arn(state, "_target_group.next"), "Weight": 100},
    ]
    forward = {"TargetGroups": groups, "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 600}}
    _listener(aws, state, "weighted", DefaultActions=[{"Type": "forward", "ForwardConfig": forward}])


def everybody_let_in(aws: Clients, state: State) -> None:
    _listener(aws, state, "known", DefaultActions=[_forward(state, "web")])


def listener_deleted(aws: Clients, state: State) -> None:
    aws("elbv2").delete_listener(ListenerArn=_arn(state, "_listener.fixed"))


def listener_opened(aws: Clients, state: State) -> None:
    aws("elbv2").create_listener(
        LoadBalancerArn=_arn(state, ".app"), Port=8888, Protocol="HTTP", DefaultActions=[_forward(state, "web")]
    )


def second_certificate_removed(aws: Clients, state: State) -> None:
    arn = state['aws_acm_certificate.main["api.example.com"]']["arn"]
    aws("elbv2").remove_listener_certificates(
        ListenerArn=_arn(state, "_listener.tls"), Certificates=[{"CertificateArn": arn}]
    )


def third_certificate_added(aws: Clients, state: State) -> None:
    arn = state['aws_acm_certificate.main["old.example.com"]']["arn"]
    aws("elbv2").add_listener_certificates(
        ListenerArn=_arn(state, "_listener.tls"), Certificates=[{"CertificateArn": arn}]
    )


def second_certificate_replaced(aws: Clients, state: State) -> None:
    second_certificate_removed(aws, state)
    third_certificate_added(aws, state)


def rule_given_other_conditions(aws: Clients, state: State) -> None:
    aws("elbv2").modify_rule(
        RuleArn=_arn(state, "_listener_rule.api"),
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v2/*"]}}],
    )


def rules_put_in_another_order(aws: Clients, state: State) -> None:
    arn = _arn(state, "_listener_rule.picky")
    aws("elbv2").set_rule_priorities(RulePriorities=[{"RuleArn": arn, "Priority": 5}])


def rule_made_by_hand(aws: Clients, state: State) -> None:
    aws("elbv2").create_rule(
        ListenerArn=_arn(state, "_listener.tls"),
        Priority=99,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/x"]}}],
        Actions=[_forward(state, "web")],
    )


def classic_port_opened(aws: Clients, state: State) -> None:
    listener = {"Protocol": "TCP", "LoadBalancerPort": 23, "InstanceProtocol": "TCP", "InstancePort": 23}
    aws("elb").create_load_balancer_listeners(LoadBalancerName="classic", Listeners=[listener])


def classic_checked_elsewhere(aws: Clients, state: State) -> None:
    check = {"Target": "TCP:8080", "Interval": 20, "Timeout": 4, "UnhealthyThreshold": 5, "HealthyThreshold": 3}
    aws("elb").configure_health_check(LoadBalancerName="classic", HealthCheck=check)


def classic_not_drained(aws: Clients, state: State) -> None:
    settings = {"ConnectionDraining": {"Enabled": False}, "ConnectionSettings": {"IdleTimeout": 10}}
    aws("elb").modify_load_balancer_attributes(LoadBalancerName="classic", LoadBalancerAttributes=settings)


def classic_left_by_its_machine(aws: Clients, state: State) -> None:
    aws("elb").deregister_instances_from_load_balancer(
        LoadBalancerName="classic", Instances=[{"InstanceId": state["aws_instance.web"]["id"]}]
    )


def prefixed_left_by_its_machine(aws: Clients, state: State) -> None:
    aws("elb").deregister_instances_from_load_balancer(
        LoadBalancerName=state["aws_elb.prefixed"]["name"], Instances=[{"InstanceId": state["aws_instance.web"]["id"]}]
    )


def prefixed_deleted(aws: Clients, state: State) -> None:
    aws("elb").delete_load_balancer(LoadBalancerName=state["aws_elb.prefixed"]["name"])


def prefixed_given_another_machine(aws: Clients, state: State) -> None:
    prefixed_left_by_its_machine(aws, state)
    aws("elb").register_instances_with_load_balancer(
        LoadBalancerName=state["aws_elb.prefixed"]["name"], Instances=[{"InstanceId": "i-0123456789abcdef0"}]
    )


ISSUED = "moto issues a certificate by the clock, so that one made anew still waits"
PORT = "moto tells how a target does at whatever port it is asked for"
LIST = "who is in the list of a load balancer comes and goes by itself"
PART = "Terraform never looks for what it does not manage: to us a part of something managed is a change of that"
UNMANAGED = "Terraform never looks for what it does not manage"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/app/f896228a8bc577f2/fbc2310225cacc5a"
RULE = (
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:"
    "listener-rule/app/app/f896228a8bc577f2/0f9d73b2a860614c/fbc2310225cacc5a"
)

GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

ALWAYS = {
    f'terraform: changed aws_acm_certificate.main["{name}.example.com"] status': ISSUED
    for name in ("api", "old", "shop")
}

AFTER = {
    "classic_left_by_its_machine": {"terraform: changed aws_elb.classic instances": LIST},
    "listener_opened": {f"ours: unmanaged aws_lb_listener {LISTENER}": UNMANAGED},
    "prefixed_given_another_machine": {"terraform: changed aws_elb.prefixed instances": LIST},
    "prefixed_left_by_its_machine": {"terraform: changed aws_elb.prefixed instances": LIST},
    "rule_made_by_hand": {f"ours: unmanaged aws_lb_listener_rule {RULE}": UNMANAGED},
    "second_certificate_replaced": {"ours: changed aws_lb_listener.tls certificate": PART},
    "target_moved_to_another_port": {"ours: missing aws_lb_target_group_attachment.next": PORT},
    "third_certificate_added": {"ours: changed aws_lb_listener.tls certificate": PART},
}

EXPLAINED: dict[str, dict[str, str]] = {name: ALWAYS | AFTER.get(name, {}) for name in [*globals()] if name[0] != "_"}
"""What only one of the two says after a change, and why that is as it should be."""

ORDER = "AWS numbers the actions of a listener by their order, in which we tell them; moto tells no number"
DEFAULT = "what AWS takes where nothing is said"
HIDDEN = "AWS never tells it: nobody can say whether it is another"

VALUES: dict[str, dict[str, str]] = {
    "everybody_let_in": {
        "terraform: before aws_lb_listener.known default_action.authenticate_oidc.client_secret": HIDDEN,
        "terraform: before aws_lb_listener.known default_action.order": ORDER,
    },
    "plain_text_let_in": {
        "terraform: before aws_lb_listener.plain default_action.order": ORDER,
        **{
            f"terraform: before aws_lb_listener.plain default_action.redirect.{name}": DEFAULT
            for name in ("host", "path", "query")
        },
    },
    "weights_changed": {"terraform: before aws_lb_listener.weighted default_action.order": ORDER},
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""
