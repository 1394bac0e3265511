import pytest

from state.addresses import bucket_in, machine_in, website_in


@pytest.mark.parametrize(
    ("host", "bucket", "website", "machine"),
    [
        ("acme.s3.amazonaws.com", "acme", None, None),
        ("acme.s3.eu-west-1.amazonaws.com", "acme", None, None),
        ("acme.s3-eu-west-1.amazonaws.com", "acme", None, None),
        ("acme.s3.dualstack.eu-west-1.amazonaws.com", "acme", None, None),
        ("www.acme.example.s3.cn-north-1.amazonaws.com.cn", "www.acme.example", None, None),
        ("acme.s3-website-eu-west-1.amazonaws.com", None, "acme", None),
        ("acme.s3-website.eu-central-1.amazonaws.com", None, "acme", None),
        ("s3-website-eu-west-1.amazonaws.com", None, "", None),
        ("ec2-3-64-0-1.eu-west-1.compute.amazonaws.com", None, None, "3.64.0.1"),
        ("ec2-3-64-0-1.compute-1.amazonaws.com", None, None, "3.64.0.1"),
        ("shop.example.com", None, None, None),
        ("s3.example.com", None, None, None),
    ],
)
def test_what_a_host_name_says(host, bucket, website, machine):
    assert (bucket_in(host), website_in(host), machine_in(host)) == (bucket, website, machine)
