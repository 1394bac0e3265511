"""Checks of ways in and out, and of what waits behind them: over a live account, and by tables where moto cannot."""

from collections.abc import Callable
from typing import Any

import pytest

from checks import Status
from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN, as_expected, pairs, unread, verdicts
from tests.checks.test_live_network import lead_out, network
from tests.checks.test_rules import judged, live, unseen
from tests.conftest import ACCOUNT, REGION

Client = Callable[..., Any]

CLASSIC = ("elb-classic-tls", "elb-classic-logging", "elb-classic-draining")


def test_classic_load_balancers(aws: Client) -> None:
    elb = aws("elb")
    for name, protocol in (("lax", "http"), ("strict", "https")):
        listener = {"Protocol": protocol, "LoadBalancerPort": 443, "InstancePort": 80, "InstanceProtocol": "http"}
        elb.create_load_balancer(LoadBalancerName=name, Listeners=[listener], AvailabilityZones=[f"{REGION}a"])
    wanted = {
        "AccessLog": {"Enabled": True, "S3BucketName": "logs", "EmitInterval": 60},
        "ConnectionDraining": {"Enabled": True, "Timeout": 60},
    }
    elb.modify_load_balancer_attributes(LoadBalancerName="strict", LoadBalancerAttributes=wanted)
    assert pairs(verdicts(*CLASSIC), "lax", "strict", *CLASSIC) == as_expected(*CLASSIC)


def test_endpoints(aws: Client) -> None:
    ec2 = aws("ec2")
    bare, good = network(ec2, "10.0.0.0/16"), network(ec2, "10.1.0.0/16")
    asked = {"VpcEndpointType": "Interface", "ServiceName": f"com.amazonaws.{REGION}.ec2"}
    ec2.create_vpc_endpoint(VpcId=good["vpc"], SubnetIds=[good["a"]], **asked)
    found = verdicts("vpc-endpoint-ec2-missing")
    assert pairs(found, bare["vpc"], good["vpc"], "vpc-endpoint-ec2-missing") == as_expected("vpc-endpoint-ec2-missing")
    assert unread("vpc-endpoint-ec2-missing", "aws_vpc_endpoint") <= {UNKNOWN, SKIPPED}


def test_subnets(aws: Client) -> None:
    made = network(aws("ec2"), "10.0.0.0/16")
    assert verdicts("subnet-ip-exhaustion")["subnet-ip-exhaustion", made["a"]] is PASS


def test_queues(aws: Client) -> None:
    sqs = aws("sqs")
    failed = sqs.create_queue(QueueName="failed")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:failed"
    redrive = f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 5}}'
    orders = sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    lost = sqs.create_queue(QueueName="lost")["QueueUrl"]
    found = verdicts("sqs-no-dead-letter")
    assert [found["sqs-no-dead-letter", url] for url in (lost, orders, failed)] == [FAIL, PASS, PASS]
    assert unread("sqs-no-dead-letter", "aws_sqs_queue_redrive_policy") == {UNKNOWN}


def test_files(aws: Client) -> None:
    ec2, efs = aws("ec2"), aws("efs")
    made = network(ec2, "10.0.0.0/16")
    lead_out(ec2, made["vpc"], made["a"])
    inside = ec2.create_route_table(VpcId=made["vpc"])["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=inside, SubnetId=made["b"])
    lax, strict = (efs.create_file_system(CreationToken=name)["FileSystemId"] for name in ("lax", "strict"))
    rules = [{"TransitionToIA": "AFTER_30_DAYS"}]
    efs.put_lifecycle_configuration(FileSystemId=strict, LifecyclePolicies=rules)
    deny = (
        '{"Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*", '
        '"Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}'
    )
    efs.put_file_system_policy(FileSystemId=strict, Policy=deny)
    checks = ("efs-tls-not-enforced", "efs-no-lifecycle")
    assert pairs(verdicts(*checks), lax, strict, *checks) == as_expected(*checks)
    public, private = (
        efs.create_mount_target(FileSystemId=lax, SubnetId=made[zone])["MountTargetId"] for zone in ("a", "b")
    )
    placed = "efs-mount-target-public-subnet"
    assert pairs(verdicts(placed), public, private, placed) == as_expected(placed)
    assert unread(placed, "aws_subnet") == {UNKNOWN}


def test_zones_and_records(aws: Client) -> None:
    route53 = aws("route53")
    lax, strict = (
        route53.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"].rpartition("/")[2]
        for name in ("lax.example", "strict.example")
    )
    group = "/aws/route53/strict.example"
    aws("logs", "us-east-1").create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}:*"
    route53.create_query_logging_config(HostedZoneId=strict, CloudWatchLogsLogGroupArn=arn)
    logged = "route53-query-logging"
    assert pairs(verdicts(logged), lax, strict, logged) == as_expected(logged)
    assert unread(logged, "aws_route53_query_log") == {UNKNOWN}


RECORD: dict[str, Any] = {
    "health_check_id": None,
    "alias": None,
    "failover_routing_policy": None,
    "weighted_routing_policy": None,
}
WEIGHTED = RECORD | {"weighted_routing_policy": [{"weight": 10}]}
UP, DOWN = {"status": "UP"}, {"status": "DOWN"}
WEB = {"load_balancer_type": "application"}
STREAM: dict[str, Any] = {"server_side_encryption": None, "kinesis_source_configuration": None}
CACHED = {"caching_enabled": True, "cache_data_encrypted": False}
IN_STAGE = {"method_path": "*/*", "stage_name": "live"}
FRONT: dict[str, Any] = {"aliases": ["www.example.com"], "default_root_object": None, "origin_group": None}
OWN = {"acm_certificate_arn": "arn", "cloudfront_default_certificate": False}
BUCKET = {"domain_name": "acme.s3.eu-west-1.amazonaws.com", "s3_origin_config": None}
SITE = {"domain_name": "www.example.com", "s3_origin_config": None}


@pytest.mark.parametrize(
    ("check", "type", "attributes", "status"),
    [
        ("vpn-tunnels-down", "aws_vpn_connection", {"vgw_telemetry": [UP, DOWN]}, FAIL),
        ("vpn-tunnels-down", "aws_vpn_connection", {"vgw_telemetry": [UP]}, FAIL),
        ("vpn-tunnels-down", "aws_vpn_connection", {"vgw_telemetry": [UP, UP]}, PASS),
        ("vpn-tunnels-down", "aws_vpn_connection", {"vgw_telemetry": []}, UNKNOWN),
        ("elbv2-desync", "aws_lb", WEB | {"desync_mitigation_mode": "monitor"}, FAIL),
        ("elbv2-desync", "aws_lb", WEB | {"desync_mitigation_mode": "defensive"}, PASS),
        ("elbv2-desync", "aws_lb", WEB | {"desync_mitigation_mode": None}, UNKNOWN),
        ("elbv2-desync", "aws_lb", {"load_balancer_type": "network"}, PASS),
        ("elbv2-deregistration-delay", "aws_lb_target_group", {"deregistration_delay": "0", "target_type": "ip"}, FAIL),
        ("elbv2-deregistration-delay", "aws_lb_target_group", {"deregistration_delay": "300"}, PASS),
        ("route53-no-health-check", "aws_route53_record", WEIGHTED, FAIL),
        ("route53-no-health-check", "aws_route53_record", WEIGHTED | {"health_check_id": "a"}, PASS),
        ("route53-no-health-check", "aws_route53_record", RECORD, PASS),
        (
            "route53-no-health-check",
            "aws_route53_record",
            RECORD | {"failover_routing_policy": [{"type": "SECONDARY"}]},
            PASS,
        ),
        ("apigateway-cache-encrypted", "aws_api_gateway_method_settings", IN_STAGE | {"settings": [CACHED]}, FAIL),
        (
            "apigateway-cache-encrypted",
            "aws_api_gateway_method_settings",
            IN_STAGE | {"settings": [CACHED | {"cache_data_encrypted": True}]},
            PASS,
        ),
        ("acm-weak-key", "aws_acm_certificate", {"key_algorithm": "RSA_1024"}, FAIL),
        ("acm-weak-key", "aws_acm_certificate", {"key_algorithm": "RSA_2048"}, PASS),
        ("acm-weak-key", "aws_acm_certificate", {"key_algorithm": "EC_prime256v1"}, PASS),
        ("acm-weak-key", "aws_acm_certificate", {"key_algorithm": None}, UNKNOWN),
        (
            "cloudfront-custom-certificate",
            "aws_cloudfront_distribution",
            FRONT | {"viewer_certificate": [{"cloudfront_default_certificate": True}]},
            FAIL,
        ),
        (
            "cloudfront-custom-certificate",
            "aws_cloudfront_distribution",
            FRONT | {"viewer_certificate": [OWN | {"ssl_support_method": "vip"}]},
            FAIL,
        ),
        (
            "cloudfront-custom-certificate",
            "aws_cloudfront_distribution",
            FRONT | {"viewer_certificate": [OWN | {"ssl_support_method": "sni-only"}]},
            PASS,
        ),
        ("cloudfront-default-root", "aws_cloudfront_distribution", FRONT | {"origin": [BUCKET]}, FAIL),
        ("cloudfront-default-root", "aws_cloudfront_distribution", FRONT | {"origin": [SITE]}, PASS),
        ("cloudfront-origin-failover", "aws_cloudfront_distribution", FRONT, FAIL),
        (
            "cloudfront-origin-failover",
            "aws_cloudfront_distribution",
            {"origin_group": [{"member": [{"origin_id": "a"}, {"origin_id": "b"}]}]},
            PASS,
        ),
    ],
)
def test_what_one_thing_says(check: str, type: str, attributes: dict[str, Any], status: Status) -> None:
    subject = live(type, **attributes)
    assert judged(check, subject).status is status
    if status is FAIL:
        hidden = unseen(live(type), *attributes)
        assert judged(check, hidden).status is UNKNOWN


def test_streams_certificates_and_subnets() -> None:
    stream = live("aws_kinesis_firehose_delivery_stream", **STREAM)
    for kind, status in (("DirectPut", FAIL), ("MSKAsSource", PASS)):
        told = stream.replace(facts={"delivery_stream_type": kind})
        assert judged("firehose-unencrypted", told).status is status
    assert judged("firehose-unencrypted", stream).status is UNKNOWN
    on = live("aws_kinesis_firehose_delivery_stream", **STREAM | {"server_side_encryption": [{"enabled": True}]})
    assert judged("firehose-unencrypted", on).status is PASS
    for free, status in ((25, FAIL), (26, PASS), (None, UNKNOWN)):
        full = live("aws_subnet", "subnet-1", cidr_block="10.0.1.0/24")
        counted = full.replace(facts={"available_ip_address_count": free})
        assert judged("subnet-ip-exhaustion", counted).status is status


def test_policies() -> None:
    everything = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}'
    ours = everything.replace('"Resource"', '"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "Resource"')
    way = live("aws_vpc_endpoint", "vpce-1", vpc_endpoint_type="Gateway", service_name="com.amazonaws.eu-west-1.s3")
    for text, status in ((everything, FAIL), (ours, PASS), ("?", UNKNOWN)):
        policy = live("aws_vpc_endpoint_policy", "vpce-1", vpc_endpoint_id="vpce-1", policy=text)
        assert judged("vpc-endpoint-policy-open", way, policy).status is status
    for account, status in (("444455556666", FAIL), ("123456789012", PASS)):
        text = everything.replace('"*"', f'{{"AWS": "{account}"}}', 1)
        bus = live("aws_cloudwatch_event_bus_policy", event_bus_name="orders", policy=text)
        assert judged("eventbridge-bus-cross-account", bus).status is status


def test_web_acls() -> None:
    acl = live("aws_wafv2_web_acl", name="shop", arn="arn:shop")
    logged = live("aws_wafv2_web_acl_logging_configuration", resource_arn="arn:shop")
    assert judged("waf-logging", acl).status is FAIL
    assert judged("waf-logging", acl, logged).status is PASS


def test_caches() -> None:
    cache = live("aws_elasticache_cluster", replication_group_id=None, subnet_group_name="web", cluster_id="it")
    group = live("aws_elasticache_subnet_group", "web", name="web", subnet_ids=["subnet-1"])
    place = live("aws_subnet", "subnet-1", vpc_id="vpc-1")
    table = live("aws_route_table_association", subnet_id="subnet-1", route_table_id="rtb-1")
    out = {"route_table_id": "rtb-1", "state": "active", "destination_cidr_block": "0.0.0.0/0"}
    check = "elasticache-public-subnet"
    for gateway, status in (("igw-1", FAIL), (None, PASS)):
        route = live("aws_route", **out, destination_ipv6_cidr_block=None, gateway_id=gateway)
        assert judged(check, cache, group, place, table, route).status is status
    assert judged(check, cache, group).status is UNKNOWN
    assert judged(check, cache).status is UNKNOWN
    of_group = live("aws_elasticache_cluster", replication_group_id="sessions")
    assert judged(check, of_group).status is PASS
