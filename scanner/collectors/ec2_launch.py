"""Amazon EC2's launch templates, each as its latest version has it.

The versions of all templates come with one listing. User data is base64, and often holds secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Listing, Shared, as_block, as_tags, block, sensitive, unordered
from scanner.aws.place import Item, Place
from state.forms import IF_TOLD, MAP, PLAIN, UNORDERED, Form


async def latest_versions(place: Place) -> dict[str, Item]:
    """The latest version of every launch template, by the template's id."""
    pages = place.pages("ec2", "describe_launch_template_versions", Versions=["$Latest"])
    return {each["LaunchTemplateId"]: each async for page in pages for each in page.get("LaunchTemplateVersions") or ()}


DATA = "Version.LaunchTemplateData"


def said(path: str) -> str:
    return f"{DATA}.{path}"


def fields(**names: str) -> str:
    """A JMESPath hash: ``{a: A, b: B}``."""
    return "{" + ", ".join(f"{name}: {path}" for name, path in names.items()) + "}"


def inner(path: str, **names: str) -> str:
    """A block inside a block: a list of one, or none."""
    return f"{path} && [{path}.{fields(**names)}]"


def as_text(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else str(value).lower()


def with_texts(*names: str) -> Callable[[Any], list[Any]]:
    """Blocks in which the provider keeps these yes and no as text, to tell "no" from "not said"."""

    def texts(value: Any) -> Any:
        if isinstance(value, list):
            return [texts(each) for each in value]
        if isinstance(value, Mapping):
            return {name: as_text(each) if name in names else texts(each) for name, each in value.items()}
        return value

    return lambda value: [texts(each) for each in as_block(value)]


def tagged(value: Any) -> list[Any]:
    return [{**each, "tags": as_tags(each["tags"])} for each in value or ()]


# --- disks and interfaces -----------------------------------------------------------------------

DISK = fields(
    device_name="DeviceName",
    ebs=inner(
        "Ebs",
        delete_on_termination="DeleteOnTermination",
        encrypted="Encrypted",
        iops="Iops",
        kms_key_id="KmsKeyId",
        snapshot_id="SnapshotId",
        throughput="Throughput",
        volume_initialization_rate="VolumeInitializationRate",
        volume_size="VolumeSize",
        volume_type="VolumeType",
    ),
    no_device="NoDevice",
    virtual_name="VirtualName",
)

INTERFACE = fields(
    associate_carrier_ip_address="AssociateCarrierIpAddress",
    associate_public_ip_address="AssociatePublicIpAddress",
    connection_tracking_specification=inner(
        "ConnectionTrackingSpecification",
        tcp_established_timeout="TcpEstablishedTimeout",
        udp_stream_timeout="UdpStreamTimeout",
        udp_timeout="UdpTimeout",
    ),
    delete_on_termination="DeleteOnTermination",
    description="Description",
    device_index="DeviceIndex",
    ena_srd_specification=inner(
        "EnaSrdSpecification",
        ena_srd_enabled="EnaSrdEnabled",
        ena_srd_udp_specification=inner("EnaSrdUdpSpecification", ena_srd_udp_enabled="EnaSrdUdpEnabled"),
    ),
    interface_type="InterfaceType",
    ipv4_address_count="SecondaryPrivateIpAddressCount",
    ipv4_addresses="PrivateIpAddresses[].PrivateIpAddress",
    ipv4_prefix_count="Ipv4PrefixCount",
    ipv4_prefixes="Ipv4Prefixes[].Ipv4Prefix",
    ipv6_address_count="Ipv6AddressCount",
    ipv6_addresses="Ipv6Addresses[].Ipv6Address",
    ipv6_prefix_count="Ipv6PrefixCount",
    ipv6_prefixes="Ipv6Prefixes[].Ipv6Prefix",
    network_card_index="NetworkCardIndex",
    network_interface_id="NetworkInterfaceId",
    primary_ipv6="PrimaryIpv6",
    private_ip_address="PrivateIpAddress",
    security_groups="Groups",
    subnet_id="SubnetId",
)
IN_ANY_ORDER = ("ipv4_addresses", "ipv4_prefixes", "ipv6_addresses", "ipv6_prefixes", "security_groups")
INTERFACE_FORM = Form(inner=dict.fromkeys(IN_ANY_ORDER, UNORDERED))

# --- what an instance has to have ---------------------------------------------------------------

RANGE = {"max": "Max", "min": "Min"}
RANGES = {
    "accelerator_count": "AcceleratorCount",
    "accelerator_total_memory_mib": "AcceleratorTotalMemoryMiB",
    "baseline_ebs_bandwidth_mbps": "BaselineEbsBandwidthMbps",
    "memory_gib_per_vcpu": "MemoryGiBPerVCpu",
    "memory_mib": "MemoryMiB",
    "network_bandwidth_gbps": "NetworkBandwidthGbps",
    "network_interface_count": "NetworkInterfaceCount",
    "total_local_storage_gb": "TotalLocalStorageGB",
    "vcpu_count": "VCpuCount",
}
KINDS = {
    "accelerator_manufacturers": "AcceleratorManufacturers",
    "accelerator_names": "AcceleratorNames",
    "accelerator_types": "AcceleratorTypes",
    "allowed_instance_types": "AllowedInstanceTypes",
    "cpu_manufacturers": "CpuManufacturers",
    "excluded_instance_types": "ExcludedInstanceTypes",
    "instance_generations": "InstanceGenerations",
    "local_storage_types": "LocalStorageTypes",
}
REQUIREMENTS = fields(
    **{name: inner(path, **RANGE) for name, path in RANGES.items()},
    **KINDS,
    bare_metal="BareMetal",
    burstable_performance="BurstablePerformance",
    local_storage="LocalStorage",
    max_spot_price_as_percentage_of_optimal_on_demand_price="MaxSpotPriceAsPercentageOfOptimalOnDemandPrice",
    on_demand_max_price_percentage_over_lowest_price="OnDemandMaxPricePercentageOverLowestPrice",
    require_hibernate_support="RequireHibernateSupport",
    spot_max_price_percentage_over_lowest_price="SpotMaxPricePercentageOverLowestPrice",
)

# --- templates ----------------------------------------------------------------------------------


def maker(template: Item) -> str | None:
    """Services of AWS, such as EKS, make templates for themselves, and say so."""
    principal = (template.get("Operator") or {}).get("Principal")
    return f"operator: {principal}" if principal else None


LAUNCH_TEMPLATE = Collector(
    type="aws_launch_template",
    service="ec2",
    fetch=Listing("describe_launch_templates", "LaunchTemplates"),
    details=(Shared(ask=latest_versions, by="LaunchTemplateId", into="Version"),),
    permissions=("ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"),
    id="LaunchTemplateId",
    arn="arn:{partition}:ec2:{region}:{account}:launch-template/{LaunchTemplateId}",
    owner=maker,
    attributes={
        "block_device_mappings": Attribute(
            path=said(f"BlockDeviceMappings[].{DISK}"), convert=with_texts("delete_on_termination", "encrypted")
        ),
        "capacity_reservation_specification": block(
            said(
                "CapacityReservationSpecification."
                + fields(
                    capacity_reservation_preference="CapacityReservationPreference",
                    capacity_reservation_target=inner(
                        "CapacityReservationTarget",
                        capacity_reservation_id="CapacityReservationId",
                        capacity_reservation_resource_group_arn="CapacityReservationResourceGroupArn",
                    ),
                )
            )
        ),
        "cpu_options": block(
            said("CpuOptions.{amd_sev_snp: AmdSevSnp, core_count: CoreCount, threads_per_core: ThreadsPerCore}")
        ),
        "credit_specification": Attribute(
            path=said("CreditSpecification.{cpu_credits: CpuCredits}"), form=IF_TOLD, convert=as_block
        ),
        "default_version": "DefaultVersionNumber",
        "description": "Version.VersionDescription",
        "disable_api_stop": said("DisableApiStop"),
        "disable_api_termination": said("DisableApiTermination"),
        "ebs_optimized": Attribute(path=said("EbsOptimized"), convert=as_text),
        "elastic_gpu_specifications": block(said("ElasticGpuSpecifications[].{type: Type}")),
        "elastic_inference_accelerator": block(said("ElasticInferenceAccelerators[].{type: Type}")),
        "enclave_options": block(said("EnclaveOptions.{enabled: Enabled}")),
        "hibernation_options": block(said("HibernationOptions.{configured: Configured}")),
        "iam_instance_profile": block(said("IamInstanceProfile.{arn: Arn, name: Name}")),
        "image_id": said("ImageId"),
        "instance_initiated_shutdown_behavior": said("InstanceInitiatedShutdownBehavior"),
        "instance_market_options": block(
            said(
                "InstanceMarketOptions."
                + fields(
                    market_type="MarketType",
                    spot_options=inner(
                        "SpotOptions",
                        block_duration_minutes="BlockDurationMinutes",
                        instance_interruption_behavior="InstanceInterruptionBehavior",
                        max_price="MaxPrice",
                        spot_instance_type="SpotInstanceType",
                    ),
                )
            )
        ),
        "instance_requirements": block(said(f"InstanceRequirements.{REQUIREMENTS}"), **dict.fromkeys(KINDS, UNORDERED)),
        "instance_type": said("InstanceType"),
        "kernel_id": said("KernelId"),
        "key_name": said("KeyName"),
        "latest_version": "LatestVersionNumber",
        "license_specification": Attribute(
            path=said("LicenseSpecifications[].{license_configuration_arn: LicenseConfigurationArn}"),
            convert=as_block,
            form=UNORDERED,
        ),
        "maintenance_options": block(said("MaintenanceOptions.{auto_recovery: AutoRecovery}")),
        "metadata_options": block(
            said(
                "MetadataOptions."
                + fields(
                    http_endpoint="HttpEndpoint",
                    http_protocol_ipv6="HttpProtocolIpv6",
                    http_put_response_hop_limit="HttpPutResponseHopLimit",
                    http_tokens="HttpTokens",
                    instance_metadata_tags="InstanceMetadataTags",
                )
            )
        ),
        "monitoring": block(said("Monitoring.{enabled: Enabled}")),
        "name": "LaunchTemplateName",
        "network_interfaces": Attribute(
            path=said(f"NetworkInterfaces[].{INTERFACE}"),
            form=INTERFACE_FORM,
            convert=with_texts(
                "associate_carrier_ip_address",
                "associate_public_ip_address",
                "delete_on_termination",
                "primary_ipv6",
            ),
        ),
        "placement": block(
            said(
                "Placement."
                + fields(
                    affinity="Affinity",
                    availability_zone="AvailabilityZone",
                    group_name="GroupName",
                    host_id="HostId",
                    host_resource_group_arn="HostResourceGroupArn",
                    partition_number="PartitionNumber",
                    spread_domain="SpreadDomain",
                    tenancy="Tenancy",
                )
            )
        ),
        "private_dns_name_options": block(
            said(
                "PrivateDnsNameOptions."
                + fields(
                    enable_resource_name_dns_a_record="EnableResourceNameDnsARecord",
                    enable_resource_name_dns_aaaa_record="EnableResourceNameDnsAAAARecord",
                    hostname_type="HostnameType",
                )
            )
        ),
        "ram_disk_id": said("RamDiskId"),
        "security_group_names": unordered(said("SecurityGroups")),
        "tag_specifications": Attribute(
            path=said("TagSpecifications[].{resource_type: ResourceType, tags: Tags}"),
            form=Form(canonical=UNORDERED.canonical, inner={"tags": MAP}),
            convert=tagged,
        ),
        "user_data": sensitive(said("UserData"), form=PLAIN),
        "vpc_security_group_ids": unordered(said("SecurityGroupIds")),
    },
    facts={"create_time": "CreateTime", "created_by": "CreatedBy"},
    tags="Tags",
)

COLLECTORS = [LAUNCH_TEMPLATE]
