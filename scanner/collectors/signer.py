"""AWS Signer: with what, and for how long, code is signed."""

from __future__ import annotations

from scanner.aws.collector import Collector, Listing, block, volatile

SIGNING_PROFILE = Collector(
    type="aws_signer_signing_profile",
    service="signer",
    fetch=Listing("list_signing_profiles", "profiles[?status!='Canceled']"),
    permissions=("signer:ListSigningProfiles",),
    id="profileName",
    identity=("name",),
    attributes={
        "arn": "arn",
        "name": "profileName",
        "platform_display_name": "platformDisplayName",
        "platform_id": "platformId",
        "signature_validity_period": block("signatureValidityPeriod.{type: type, value: value}"),
        "signing_material": block("signingMaterial.{certificate_arn: certificateArn}"),
        "signing_parameters": "signingParameters",
        "status": "status",
        "version": volatile("profileVersion"),
        "version_arn": volatile("profileVersionArn"),
    },
    tags="tags",
)

COLLECTORS = [SIGNING_PROFILE]
