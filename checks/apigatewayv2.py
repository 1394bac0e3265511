"""Amazon API Gateway: HTTP and WebSocket APIs, their routes and stages."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.doubt import unless
from state import Inventory, Resource, Unknown

CONNECT = "$connect"
"""The one route of a WebSocket API that can ask who calls."""


@check(
    "aws_apigatewayv2_route",
    severity=Severity.MEDIUM,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="APIGateway.8",
    well_architected_security="SEC05-BP02",
)
def apigatewayv2_authorizer(route: Resource, inventory: Inventory) -> str | None:
    """HTTP API route has no authorization.

    Whoever finds the address may call it. OPTIONS, which browsers ask before they sign in, is exempt; of
    a WebSocket API only the route that connects can be guarded, and only that is judged.

    Fix: set `authorization_type` to `JWT`, `AWS_IAM` or `CUSTOM`.

    Fails:

        resource "aws_apigatewayv2_route" "orders" {
          api_id             = aws_apigatewayv2_api.shop.id
          route_key          = "GET /orders"
          authorization_type = "NONE"
        }

        resource "aws_apigatewayv2_api" "shop" {
          protocol_type = "HTTP"
        }

    Passes:

        resource "aws_apigatewayv2_route" "orders" {
          api_id             = aws_apigatewayv2_api.shop.id
          route_key          = "GET /orders"
          authorization_type = "JWT"
        }

        resource "aws_apigatewayv2_api" "shop" {
          protocol_type = "HTTP"
        }

    Passes:

        resource "aws_apigatewayv2_route" "message" {
          api_id             = aws_apigatewayv2_api.chat.id
          route_key          = "message"
          authorization_type = "NONE"
        }

        resource "aws_apigatewayv2_api" "chat" {
          protocol_type = "WEBSOCKET"
        }
    """
    key = str(route["route_key"])
    if key.startswith("OPTIONS "):
        return None

    def unguarded() -> str | None:
        free = route["authorization_type"] in (None, "", "NONE")
        return f"{key} of {route['api_id']} asks for no authorization" if free else None

    return unless(lambda: key != CONNECT and is_websocket(route, inventory), unguarded)


def is_websocket(route: Resource, inventory: Inventory) -> bool:
    for api in inventory.near(route, "aws_apigatewayv2_api", id=route["api_id"]):
        return bool(api["protocol_type"] == "WEBSOCKET")
    raise Unknown(f"the API of {route.id} was not read")


@check(
    "aws_apigatewayv2_stage",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    cis_7_0="4.10",
    fsbp="APIGateway.9",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_a_1_1;pi_1_2",
    well_architected_reliability="REL06-BP01",
    well_architected_security="SEC04-BP01",
)
def apigatewayv2_access_logs(stage: Resource, inventory: Inventory) -> str | None:
    """HTTP API stage keeps no access logs.

    Nobody can then tell who called what.

    Fix: set `access_log_settings` with a log group and a format.

    Fails:

        resource "aws_apigatewayv2_stage" "live" {
          access_log_settings = []
        }

    Passes:

        resource "aws_apigatewayv2_stage" "live" {
          access_log_settings {
            destination_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:api"
            format          = "$context.requestId"
          }
        }
    """
    return None if stage["access_log_settings"] else f"{stage.id} keeps no access logs"
