from scanner.collectors import autoscaling
from scanner.collectors.elb import APP_COOKIE, ATTACHMENT, BALANCER, COLLECTORS, LB_COOKIE
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.collectors.test_elbv2 import TAGS, machine, network
from tests.scanner.compared import declared, one, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types

HTTP = {"Protocol": "http", "LoadBalancerPort": 80, "InstanceProtocol": "http", "InstancePort": 8080}
ALL = [*COLLECTORS, *autoscaling.COLLECTORS]


def balancer(aws):
    vpc, subnets, group = network(aws)
    api = aws("elb")
    api.create_load_balancer(
        LoadBalancerName="old", Listeners=[HTTP], Subnets=subnets, SecurityGroups=[group], Tags=TAGS
    )
    return api, vpc, subnets, group


def test_load_balancer(aws):
    api, vpc, subnets, group = balancer(aws)
    health = {"Target": "HTTP:8080/up", "Interval": 10, "Timeout": 5, "UnhealthyThreshold": 2, "HealthyThreshold": 3}
    api.configure_health_check(LoadBalancerName="old", HealthCheck=health)
    old = one(BALANCER)
    assert old.key == ("aws_elb", ACCOUNT, REGION, "old")
    assert old.arn == f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/old"
    assert old.attributes == dict.fromkeys(BALANCER.attributes) | {
        "access_logs": [{"bucket": None, "bucket_prefix": None, "enabled": False, "interval": None}],
        "arn": old.arn,
        "availability_zones": old["availability_zones"],
        "connection_draining": False,
        "cross_zone_load_balancing": False,
        "dns_name": old["dns_name"],
        "health_check": [
            {"healthy_threshold": 3, "interval": 10, "target": "HTTP:8080/up", "timeout": 5, "unhealthy_threshold": 2}
        ],
        "idle_timeout": 60,
        "instances": [],
        "internal": False,
        "listener": [
            {
                "instance_port": 8080,
                "instance_protocol": "HTTP",
                "lb_port": 80,
                "lb_protocol": "HTTP",
                "ssl_certificate_id": None,
            }
        ],
        "name": "old",
        "security_groups": [group],
        "source_security_group": old["source_security_group"],
        "subnets": subnets,
        "tags": {"team": "shop"},
    }
    assert old.fact("vpc_id") == vpc
    listener = {name: str(value).lower() if "protocol" in name else value for name, value in old["listener"][0].items()}
    wanted = twin(old, access_logs=[], listener=[listener])
    assert told(read(BALANCER), [BALANCER], wanted) == set()
    api.configure_health_check(LoadBalancerName="old", HealthCheck=health | {"Interval": 30})
    assert told(read(BALANCER), [BALANCER], wanted) == {("changed", "aws_elb", "health_check[0].interval")}


def test_instances_have_two_homes(aws):
    api, _, subnets, _ = balancer(aws)
    instance = machine(aws, subnets[0])
    api.register_instances_with_load_balancer(LoadBalancerName="old", Instances=[{"InstanceId": instance}])
    seen = read(*ALL)
    [attached] = seen.of(ATTACHMENT.type)
    assert_value_types(attached)
    assert (attached.id, attached.owner) == (f"old/{instance}", None)
    assert attached.attributes == {"elb": "old", "instance": instance}
    [live] = seen.of("aws_elb")
    apart = declared(ATTACHMENT.type, "old-2021", elb="old", instance=instance)
    assert told(seen, COLLECTORS, twin(live)) == set()
    assert told(seen, COLLECTORS, twin(live, instances=[]), apart) == set()
    assert told(seen, COLLECTORS, twin(live, instances=[])) == {("changed", "aws_elb", f"instances[{instance}]")}
    gone = declared(ATTACHMENT.type, "old-2022", elb="old", instance="i-gone")
    assert told(seen, COLLECTORS, twin(live), gone) == {("missing", ATTACHMENT.type, "")}
    copied = twin(live, instances=[instance, "i-scaled-in"])
    assert told(seen, COLLECTORS, copied) == set()


def test_cookies(aws):
    api, *_ = balancer(aws)
    api.create_app_cookie_stickiness_policy(LoadBalancerName="old", PolicyName="app", CookieName="sid")
    api.create_lb_cookie_stickiness_policy(LoadBalancerName="old", PolicyName="lb", CookieExpirationPeriod=60)
    api.create_lb_cookie_stickiness_policy(LoadBalancerName="old", PolicyName="unused", CookieExpirationPeriod=60)
    api.set_load_balancer_policies_of_listener(LoadBalancerName="old", LoadBalancerPort=80, PolicyNames=["app", "lb"])
    app, lb = one(APP_COOKIE), one(LB_COOKIE)
    here = {"lb_port": 80, "load_balancer": "old"}
    assert (app.id, app.attributes) == ("old:80:app", here | {"name": "app", "cookie_name": "sid"})
    assert (lb.identity, lb.attributes) == ("old/80/lb", here | {"name": "lb", "cookie_expiration_period": 60})
    changed = told(read(APP_COOKIE), [APP_COOKIE], twin(app, cookie_name="session"))
    assert changed == {("changed", APP_COOKIE.type, "cookie_name")}
    assert told(read(LB_COOKIE), [LB_COOKIE], twin(lb)) == set()


def test_what_is_denied_is_unknown(aws, allowed_only):
    balancer(aws)
    with allowed_only("elasticloadbalancing:DescribeLoadBalancers"):
        [old] = read(BALANCER).of("aws_elb")
    assert {"tags", "idle_timeout", "access_logs"} <= set(old.unknown)


def test_real_states():
    assert_corpus_equals_itself(COLLECTORS)
