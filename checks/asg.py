"""EC2 Auto Scaling: groups, how they heal, grow and are tagged."""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import Category, Fault, Severity, Terms, check, evidence_of
from checks.doubt import said, said_in
from checks.tag import bare
from checks.zones import in_one_zone
from state import Inventory, Resource, Unknown

SCALED_BY_OTHERS = ("eks:", "karpenter:", "elasticbeanstalk:")
"""Owners that scale a group by themselves, without a policy of the group's."""
AUTOSCALER = "k8s.io/cluster-autoscaler/"


@check("aws_autoscaling_group", severity=Severity.MEDIUM, category=Category.RESILIENCE, fsbp="AutoScaling.2")
def asg_single_az(group: Resource, inventory: Inventory) -> str | Fault | None:
    """Auto Scaling group covers one Availability Zone.

    Such a group replaces a broken machine, and cannot replace a broken zone.

    Fix: give `vpc_zone_identifier` a subnet in a second and a third zone.

    Fails:

        resource "aws_autoscaling_group" "web" {
          vpc_zone_identifier = [aws_subnet.a.id]
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          vpc_zone_identifier = [aws_subnet.a.id, aws_subnet.b.id]
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "b" {
          availability_zone = "eu-west-1b"
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          availability_zones  = ["eu-west-1a", "eu-west-1b"]
          vpc_zone_identifier = []
        }
    """
    if subnets := said(group, "vpc_zone_identifier"):
        return in_one_zone(group, inventory, subnets)
    zones = set(group["availability_zones"] or ())
    return f"{group.name} lies in {zones.pop()} alone" if len(zones) == 1 else None


@check("aws_autoscaling_group", severity=Severity.LOW, category=Category.RESILIENCE, fsbp="AutoScaling.1")
def asg_elb_health_check(group: Resource, inventory: Inventory) -> Fault | None:
    """Group behind a load balancer ignores its health checks.

    The group then keeps a machine whose application is dead, as long as the machine itself runs.

    Fix: set `health_check_type = "ELB"`, with a grace period as long as the application takes to start.

    Fails:

        resource "aws_autoscaling_group" "web" {
          name              = "web"
          health_check_type = "EC2"
        }

        resource "aws_autoscaling_attachment" "web" {
          autoscaling_group_name = aws_autoscaling_group.web.name
          lb_target_group_arn    = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1"
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          name              = "web"
          health_check_type = "ELB"
          target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1"]
        }

    Passes:

        resource "aws_autoscaling_group" "jobs" {
          name              = "jobs"
          health_check_type = "EC2"
          load_balancers    = []
        }
    """
    attached = inventory.near(group, "aws_autoscaling_attachment", autoscaling_group_name=group["name"])
    if not attached or {"ELB", "VPC_LATTICE"} & set(str(said(group, "health_check_type")).split(",")):
        return None
    evidence = evidence_of(attached[0], "lb_target_group_arn", "elb")
    return Fault(f"{group.name} does not ask its load balancer which instances are healthy", evidence)


@check("aws_autoscaling_group", severity=Severity.LOW, category=Category.RESILIENCE)
def asg_no_scaling_policy(group: Resource, inventory: Inventory) -> str | None:
    """Group has no scaling policy or fixed size.

    Nothing makes such a group larger when load comes, or smaller when it goes. A group that something
    else scales is exempt: EKS and its autoscalers, Karpenter, Elastic Beanstalk. A schedule is no policy:
    it does not see the load.

    Fix: add an `aws_autoscaling_policy` that tracks a target, and let `max_size` be more than `min_size`.

    Fails:

        resource "aws_autoscaling_group" "web" {
          name     = "web"
          min_size = 2
          max_size = 2
        }

    Fails:

        resource "aws_autoscaling_group" "web" {
          name     = "web"
          min_size = 2
          max_size = 6
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          name     = "web"
          min_size = 2
          max_size = 6
        }

        resource "aws_autoscaling_policy" "cpu" {
          name                   = "cpu"
          autoscaling_group_name = aws_autoscaling_group.web.name
          policy_type            = "TargetTrackingScaling"
        }
    """
    if scaled_by_others(group, inventory):
        return None
    if group["min_size"] == group["max_size"]:
        return f"{group.name} always has {group['max_size']} instances"
    policies = inventory.near(group, "aws_autoscaling_policy", autoscaling_group_name=group["name"])
    return None if policies else f"{group.name} has no scaling policy"


def scaled_by_others(group: Resource, inventory: Inventory) -> bool:
    if (group.owner or "").startswith(SCALED_BY_OTHERS):
        return True
    return any(key.startswith(AUTOSCALER) for key, _ in tags_of(group, inventory))


def tags_of(group: Resource, inventory: Inventory) -> Iterator[tuple[str, bool]]:
    """The keys of a group's tags, and whether its instances get them."""
    for each in inventory.near(group, "aws_autoscaling_group_tag", autoscaling_group_name=group["name"]):
        for tag in each["tag"] or ():
            yield tag["key"], bool(tag["propagate_at_launch"])


@check("aws_autoscaling_group", severity=Severity.MEDIUM, category=Category.GOVERNANCE, fsbp="AutoScaling.9")
def asg_launch_template(group: Resource, inventory: Inventory) -> str | None:
    """Group still uses a launch configuration.

    A launch configuration has no versions, knows no newer kind of instance, and new accounts cannot
    make one any more.

    Fix: copy the configuration to an `aws_launch_template`, and name that in `launch_template`.

    Fails:

        resource "aws_autoscaling_group" "web" {
          launch_configuration = "web-1"
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          launch_template {
            name = "web"
          }
        }
    """
    return f"{group.name} uses a launch configuration" if group["launch_configuration"] else None


@check("aws_autoscaling_group", severity=Severity.LOW, category=Category.TAGGING)
def asg_tags_not_propagated(group: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Group's required tags do not reach its instances.

    The group says whose it is, and the instances, which are what costs, do not.

    Fix: set `propagate_at_launch = true` in the group's `tag` blocks.

    Fails:

        resource "aws_autoscaling_group" "web" {
          name = "web"

          tag {
            key                 = "owner"
            value               = "shop"
            propagate_at_launch = false
          }
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          name = "web"

          tag {
            key                 = "owner"
            value               = "shop"
            propagate_at_launch = true
          }
        }
    """
    required = {bare(key) for key in terms.of(group, "required_tags")}
    kept = sorted(key for key, handed_on in tags_of(group, inventory) if bare(key) in required and not handed_on)
    evidence = {f"tag[{key}].propagate_at_launch": False for key in kept}
    return Fault(f"{group.name} keeps {', '.join(kept)} to itself", evidence) if kept else None


@check("aws_autoscaling_group", severity=Severity.LOW, category=Category.RESILIENCE, fsbp="AutoScaling.6")
def asg_mixed_instances(group: Resource, inventory: Inventory) -> str | Fault | None:
    """Group uses one instance type only.

    When a zone has no more machines of that type, the group cannot grow or heal, and spot capacity is taken
    back all at once. A group that names its types by what they have to offer passes. One with a mixed policy that
    names none leaves it to its template, which is not looked at here: unknown. What EKS, Karpenter or Elastic
    Beanstalk made is exempt.

    Fix: name several types in `override` of a `mixed_instances_policy`, or `instance_requirements`.

    Fails:

        resource "aws_autoscaling_group" "web" {
          mixed_instances_policy = []
        }

    Fails:

        resource "aws_autoscaling_group" "web" {
          mixed_instances_policy {
            launch_template {
              override {
                instance_type = "m7i.large"
              }
            }
          }
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          mixed_instances_policy {
            launch_template {
              override {
                instance_type = "m7i.large"
              }

              override {
                instance_type = "m7a.large"
              }
            }
          }
        }

    Passes:

        resource "aws_autoscaling_group" "web" {
          mixed_instances_policy {
            launch_template {
              override {
                instance_requirements {
                  memory_mib {
                    min = 4096
                  }

                  vcpu_count {
                    min = 2
                  }
                }
              }
            }
          }
        }
    """
    if (group.owner or "").startswith(SCALED_BY_OTHERS):
        return None
    mixed = group["mixed_instances_policy"] or ()
    overrides = [
        each for block in mixed for part in block.get("launch_template") or () for each in part["override"] or ()
    ]
    types = {str(each["instance_type"]) for each in overrides if said_in(each, "instance_type")}
    if len(types) > 1 or any(each.get("instance_requirements") for each in overrides):
        return None
    if types:
        path = "mixed_instances_policy[0].launch_template[0].override[0].instance_type"
        return Fault(f"{group.name} uses {types.pop()} alone", {path: overrides[0]["instance_type"]})
    if mixed:
        raise Unknown(f"which types {group.name} may use hangs on its template")
    return f"{group.name} uses one instance type"
