"""AWS IAM Access Analyzer: the analyzers of a region."""

from __future__ import annotations

from scanner.aws.collector import Attribute, Collector, Listing, block
from state.forms import UNORDERED, Form, defaulting

RULES = Form(inner={"exclusion": Form(inner={"account_ids": UNORDERED, "resource_tags": UNORDERED})})

ANALYZER = Collector(
    type="aws_accessanalyzer_analyzer",
    service="accessanalyzer",
    fetch=Listing("list_analyzers", "analyzers"),
    permissions=("access-analyzer:ListAnalyzers",),
    id="name",
    identity=("analyzer_name",),
    attributes={
        "analyzer_name": "name",
        "arn": "arn",
        "configuration": block(
            """configuration.{
                internal_access: internalAccess && [{
                    analysis_rule: internalAccess.analysisRule && [{
                        inclusion: internalAccess.analysisRule.inclusions[].{account_ids: accountIds,
                            resource_arns: resourceArns, resource_types: resourceTypes}}]}],
                unused_access: unusedAccess && [{
                    analysis_rule: unusedAccess.analysisRule && [{
                        exclusion: unusedAccess.analysisRule.exclusions[].{
                            account_ids: accountIds, resource_tags: resourceTags}}],
                    unused_access_age: unusedAccess.unusedAccessAge}]
            }""",
            unused_access=Form(inner={"analysis_rule": RULES, "unused_access_age": defaulting(90)}),
        ),
        "type": Attribute(path="type", form=defaulting("ACCOUNT")),
    },
    facts={
        "created_at": "createdAt",
        "last_resource_analyzed_at": "lastResourceAnalyzedAt",
        "status": "status",
        "status_reason": "statusReason.code",
    },
    tags="tags",
)

COLLECTORS = [ANALYZER]
