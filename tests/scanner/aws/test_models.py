"""botocore's models without what is not asked for: whole all the same."""

from __future__ import annotations

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from scanner.aws.models import Models
from scanner.aws.operations import LISTED
from scanner.collectors import collectors

SERVICES = sorted({each.service for each in collectors()})


@pytest.mark.parametrize("service", SERVICES)
def test_every_error_of_a_service_can_be_read(service: str) -> None:
    """botocore looks for an error among all shapes: one without a type would hide that a call was denied."""
    loader = Loader()
    loader.file_loader = Models(LISTED)
    model = ServiceModel(loader.load_service_model(service, "service-2"), service_name=service)
    assert [each for each in model.shape_names if not model.shape_for(each).type_name] == []
    assert isinstance(model.error_shapes, list)
