"""AWS Lambda: functions, as their listing describes them. GetFunction is never asked: it answers with the code."""
# Named lambda_functions because `lambda` is a keyword, so that no module of that name could be imported.

from __future__ import annotations

from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, as_block, block, converted, volatile
from scanner.aws.inside import all_of, listing
from scanner.aws.place import Item
from scanner.aws.tagging import Listed
from state.forms import IF_DECLARED, MAP, UNORDERED, VOLATILE, Form, defaulting


def set_block(value: Any) -> list[Any]:
    """A block of which AWS shows an empty one where there is none."""
    return as_block(value) if any((value or {}).values()) else []


def snap_start(value: Any) -> list[Any]:
    """A function without SnapStart has one that applies on None."""
    return [] if not value or value.get("apply_on") == "None" else [value]


def invoke_arn(arn: Any) -> str:
    """What API Gateway calls the function by."""
    _, partition, _, region, *_ = arn.split(":")
    return f"arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def copied_from(function: Item) -> str | None:
    """CloudFront copies the functions that it runs at its edges into other regions."""
    return f"cloudfront: {function['MasterArn']}" if function.get("MasterArn") else None


def reserved(told: Any) -> int:
    """None reserved is -1; 0 are reserved where the function may not run at all."""
    found = told and told["n"]
    return -1 if found is None else int(found)


GONE = ("ResourceNotFoundException",)

FUNCTIONS = all_of("lambda", "list_functions", "Functions")

FUNCTION = Collector(
    type="aws_lambda_function",
    service="lambda",
    fetch=listing("lambda_functions", FUNCTIONS),
    details=(
        Detail(
            operation="list_tags",
            arguments={"Resource": "FunctionArn"},
            into="Tagging",
            gone=GONE,
            listed=Listed("lambda", "FunctionArn"),
        ),
        Detail(
            operation="get_function_concurrency",
            arguments={"FunctionName": "FunctionName"},
            into="Concurrency",
            gone=GONE,
        ),
    ),
    permissions=(
        "lambda:ListFunctions",
        "lambda:ListTags",
        "lambda:GetFunctionConcurrency",
        "tag:GetResources",
    ),
    id="FunctionName",
    identity=("function_name",),
    owner=copied_from,
    attributes={
        "architectures": Attribute(path="Architectures", form=defaulting(["x86_64"])),
        "arn": "FunctionArn",
        "code_sha256": "CodeSha256",
        "dead_letter_config": block("DeadLetterConfig.{target_arn: TargetArn}"),
        "description": "Description",
        # Who may not use the key that encrypts the variables is shown a function without any.
        "environment": Attribute(
            path="Environment.{variables: Variables}",
            form=Form(inner={"variables": MAP}),
            convert=as_block,
            sensitive=True,
            withheld="Environment.Error.Message",
        ),
        "ephemeral_storage": Attribute(
            path="EphemeralStorage.{size: Size}", form=defaulting([{"size": 512}]), convert=as_block
        ),
        "file_system_config": block("FileSystemConfigs[].{arn: Arn, local_mount_path: LocalMountPath}"),
        "function_name": "FunctionName",
        "handler": "Handler",
        "image_config": block(
            "ImageConfigResponse.ImageConfig"
            ".{command: Command, entry_point: EntryPoint, working_directory: WorkingDirectory}"
        ),
        "invoke_arn": converted("FunctionArn", invoke_arn, VOLATILE),
        "kms_key_arn": "KMSKeyArn",
        "last_modified": volatile("LastModified"),
        "layers": "Layers[].Arn",
        "logging_config": Attribute(
            path="LoggingConfig.{application_log_level: ApplicationLogLevel, log_format: LogFormat, "
            "log_group: LogGroup, system_log_level: SystemLogLevel}",
            form=IF_DECLARED,
            convert=as_block,
        ),
        "memory_size": "MemorySize",
        "package_type": Attribute(path="PackageType", form=defaulting("Zip")),
        "qualified_arn": volatile("join(':', [FunctionArn, Version])"),
        "qualified_invoke_arn": converted("join(':', [FunctionArn, Version])", invoke_arn, VOLATILE),
        "reserved_concurrent_executions": converted("Concurrency.{n: ReservedConcurrentExecutions}", reserved),
        "role": "Role",
        "runtime": "Runtime",
        "signing_job_arn": "SigningJobArn",
        "signing_profile_version_arn": "SigningProfileVersionArn",
        "snap_start": converted("SnapStart.{apply_on: ApplyOn, optimization_status: OptimizationStatus}", snap_start),
        # Before code_sha256 the provider kept AWS's hash here; since then, what the code says or nothing.
        "source_code_hash": Attribute(path="CodeSha256", form=IF_DECLARED),
        "source_code_size": volatile("CodeSize"),
        "timeout": "Timeout",
        "tracing_config": Attribute(
            path="TracingConfig.{mode: Mode}", form=defaulting([{"mode": "PassThrough"}]), convert=as_block
        ),
        "version": volatile("Version"),
        "vpc_config": Attribute(
            path="VpcConfig.{ipv6_allowed_for_dual_stack: Ipv6AllowedForDualStack, "
            "security_group_ids: SecurityGroupIds, subnet_ids: SubnetIds, vpc_id: VpcId}",
            form=Form(inner={"security_group_ids": UNORDERED, "subnet_ids": UNORDERED}),
            convert=set_block,
        ),
    },
    facts={
        "last_update_status": "LastUpdateStatus",
        "state": "State",
        "state_reason_code": "StateReasonCode",
    },
    tags="Tagging.Tags",
)

COLLECTORS = [FUNCTION]
