"""The template: clean by AWS's own schemas, closed to the public, and as the code expects it."""

import json
from typing import Any, Final

import pytest
import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from cfnlint.decode import decode_str

from core.jobs.store.dynamodb import table_definition
from core.records.dynamodb import records_table_definition
from core.settings import Settings
from deploy.stack import template_body
from formats.keys import ASYNC_FAILURE, ASYNC_OUTPUT, HEARTBEATS, INPUTS, JOBS, KERNELS, MODELS
from tests.support.cloudformation import TEMPLATE, Stack, listed, load

IMAGE: Final = (
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/contrapposto/dashboard@sha256:" + "0" * 64
)
SERVING: Final = {
    "BucketName": "team-bucket",
    "DashboardImage": IMAGE,
    "ContainerImage": IMAGE.replace("dashboard", "container"),
    "DomainName": "studio.example.com",
    "HostedZoneId": "Z1",
    "AlarmEmail": "ops@example.com",
    "MonthlyBudget": 100,
    "BuildInAccount": "yes",
    "RouteTableIds": "rtb-1",
    "InterfaceEndpoints": "yes",
}


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(SERVING)


def of_kind(stack: Stack, kind: str) -> dict[str, dict[str, Any]]:
    made = stack.resources().items()
    return {name: r["Properties"] for name, r in made if r["Type"] == f"AWS::{kind}"}


def test_cfn_lint_finds_nothing() -> None:
    assert lint(TEMPLATE.read_text("utf-8"), config=ManualArgs(regions=["us-east-1"])) == []


def test_cloudformation_takes_it_without_a_bucket() -> None:
    """The limit of TemplateBody, in bytes (CloudFormation API reference, CreateStack)."""
    assert len(template_body().encode()) <= 51_200
    sent, written = (decode_str(t)[0] for t in (template_body(), TEMPLATE.read_text("utf-8")))
    for template in (sent, written):
        source = template["Resources"]["BuildProject"]["Properties"]["Source"]
        source["BuildSpec"] = yaml.safe_load(source["BuildSpec"])
    assert sent == written


def test_the_bucket_is_closed_and_encrypted(stack: Stack) -> None:
    bucket = stack.properties("Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


def test_a_key_is_used_for_all_that_is_kept() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    stack = Stack({**SERVING, "KmsKeyArn": key})
    (rule,) = stack.properties("Bucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    assert rule == {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": encryption}
    for table in of_kind(stack, "DynamoDB::Table").values():
        assert table["SSESpecification"]["KMSMasterKeyId"] == key
    for role in ("DashboardRole", "EndpointRole"):
        assert [s["Resource"] for s in stack.statements(role) if s["Sid"] == "Key"] == [key]


def test_the_bucket_speaks_tls_alone(stack: Stack) -> None:
    statements = stack.properties("BucketPolicy")["PolicyDocument"]["Statement"]
    assert [s["Condition"] for s in statements] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    ]
    for statement in statements:
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == (
            "Deny",
            "*",
            "s3:*",
        )
        assert statement["Resource"] == ["arn:aws:s3:::team-bucket", "arn:aws:s3:::team-bucket/*"]


def test_nothing_that_people_made_expires(stack: Stack) -> None:
    rules = stack.properties("Bucket")["LifecycleConfiguration"]["Rules"]
    expiring = tuple(rule["Prefix"] for rule in rules if "ExpirationInDays" in rule)
    assert all(name.startswith(expiring) for name in (ASYNC_OUTPUT, ASYNC_FAILURE))
    assert not any(name.startswith(expiring) for name in (MODELS, INPUTS, JOBS))
    broken_off = {"DaysAfterInitiation": 3}
    (everywhere,) = (r for r in rules if r.get("AbortIncompleteMultipartUpload") == broken_off)
    assert "Prefix" not in everywhere


def test_a_container_writes_no_model_and_deletes_no_image() -> None:
    stack = Stack({**SERVING})
    writes = {s["Sid"]: listed(s["Resource"]) for s in stack.statements("EndpointRole")}
    prefix = "arn:aws:s3:::team-bucket/"
    written = {resource.removeprefix(prefix).removesuffix("*") for resource in writes["Writes"]}
    assert written == {"async/", HEARTBEATS, JOBS, KERNELS}
    assert writes["EndsItsHeartbeat"] == [f"{prefix}{HEARTBEATS}*"]


def test_a_browser_uploads_from_the_address_alone(stack: Stack) -> None:
    (rule,) = stack.properties("Bucket")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["https://studio.example.com"]
    assert "PUT" in rule["AllowedMethods"]
    assert "ETag" in rule["ExposedHeaders"]


def test_what_people_keep_outlives_the_stack(stack: Stack) -> None:
    kept = {
        name for name, r in stack.resources().items() if r.get("UpdateReplacePolicy") == "Retain"
    }
    assert kept == {"Bucket", "BucketPolicy", "JobsTable", "RecordsTable"}
    for name in kept:
        assert stack.resources()[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    again = Stack({**SERVING, "DataExists": "yes"}).resources()
    assert stack.resources().keys() - again.keys() == kept


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("JobsTable", table_definition("contrapposto-jobs")),
        ("RecordsTable", records_table_definition("contrapposto-records")),
    ],
)
def test_a_table_is_the_one_that_the_code_asks_for(stack: Stack, name: str, wanted: Any) -> None:
    made = stack.properties(name)
    unordered = {"AttributeDefinitions": "AttributeName", "GlobalSecondaryIndexes": "IndexName"}
    for each in wanted.keys() - unordered:
        assert made[each] == wanted[each]
    for each, key in unordered.items():
        assert {i[key]: i for i in made[each]} == {i[key]: i for i in wanted[each]}


def test_tables_are_encrypted_and_can_be_restored_to_any_second(stack: Stack) -> None:
    tables = of_kind(stack, "DynamoDB::Table")
    assert [t["TableName"] for t in tables.values()] == [
        "contrapposto-jobs",
        "contrapposto-records",
    ]
    for table in tables.values():
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["SSESpecification"]["SSEEnabled"] is True


def test_images_are_scanned_and_never_replaced(stack: Stack) -> None:
    repositories = of_kind(stack, "ECR::Repository")
    assert len(repositories) == 2
    for repository in repositories.values():
        assert repository["ImageTagMutability"] == "IMMUTABLE"
        assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}
        assert json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]


def test_only_the_topic_of_the_stack_writes_to_the_queue(stack: Stack) -> None:
    """Topic and queue are named after the table, as the dashboard looks for them."""
    (statement,) = stack.properties("EndsQueuePolicy")["PolicyDocument"]["Statement"]
    (subscription,) = of_kind(stack, "SNS::Subscription").values()
    source = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert source == subscription["TopicArn"]
    assert subscription["RawMessageDelivery"] is True
    names = (stack.properties("EndsTopic")["TopicName"], stack.properties("EndsQueue")["QueueName"])
    assert names == ("contrapposto-jobs-ended",) * 2
    for queue in of_kind(stack, "SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize(
    ("login", "links", "public"),
    [("cognito", "no", ()), ("oidc", "no", ()), ("cognito", "yes", ("/public/*",))],
)
def test_every_page_needs_a_login_and_the_apis_their_token(
    login: str, links: str, public: tuple[str, ...]
) -> None:
    stack = Stack({**SERVING, "Login": login, "PublicLinks": links})
    listener = stack.properties("HttpsListener")
    assert listener["SslPolicy"].startswith("ELBSecurityPolicy-TLS13")
    first, second = listener["DefaultActions"]
    assert (first["Type"], second["Type"]) == (f"authenticate-{login}", "forward")
    (details,) = (value for name, value in first.items() if name.endswith("Config"))
    assert details["OnUnauthenticatedRequest"] == "authenticate"
    (rule,) = of_kind(stack, "ElasticLoadBalancingV2::ListenerRule").values()
    (condition,) = rule["Conditions"]
    assert condition["PathPatternConfig"]["Values"] == ["/api/v1/*", "/sdapi/*", *public]
    assert [action["Type"] for action in rule["Actions"]] == ["forward"]
    (action,) = stack.properties("HttpListener")["DefaultActions"]
    assert action["RedirectConfig"]["Protocol"] == "HTTPS"


def test_the_client_secret_never_stands_in_the_template(stack: Stack) -> None:
    actions = Stack({**SERVING, "Login": "oidc"}).properties("HttpsListener")["DefaultActions"]
    secret = actions[0]["AuthenticateOidcConfig"]["ClientSecret"]
    assert secret == "{{resolve:secretsmanager:contrapposto/oidc:SecretString:client_secret}}"
    assert not [name for name in load()["Parameters"] if name.endswith(("Secret", "Password"))]


def test_nobody_signs_up_by_themselves(stack: Stack) -> None:
    pool = stack.properties("UserPool")
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    client = stack.properties("UserPoolClient")
    assert client["CallbackURLs"] == ["https://studio.example.com/oauth2/idpresponse"]
    assert client["LogoutURLs"] == ["https://studio.example.com/"]


def test_the_dashboard_believes_its_own_load_balancer(stack: Stack) -> None:
    stack = Stack({**SERVING, "Admins": "ann@example.com,bob@example.com"})
    (container,) = stack.properties("Task")["ContainerDefinitions"]
    environment = {entry["Name"]: entry["Value"] for entry in container["Environment"]}
    told = {
        name.removeprefix("CONTRAPPOSTO_").lower(): value for name, value in environment.items()
    }
    assert (told["identity"], told["public_url"]) == ("alb", "https://studio.example.com")
    assert told["admins"] == "ann@example.com,bob@example.com"
    assert "Balancer" in str(told["alb_arn"])
    assert "logout_uri=https://studio.example.com/" in told["sign_out_url"]
    assert "allow_no_login" not in told


def test_a_session_stays_with_its_replica(stack: Stack) -> None:
    targets = stack.properties("Targets")
    assert targets["HealthCheckPath"] == "/_stcore/health"
    attributes = {a["Key"]: a["Value"] for a in targets["TargetGroupAttributes"]}
    assert attributes["stickiness.enabled"] == "true"
    balancer = stack.properties("Balancer")["LoadBalancerAttributes"]
    assert {"Key": "idle_timeout.timeout_seconds", "Value": "300"} in balancer


def test_only_the_load_balancer_reaches_the_dashboard(stack: Stack) -> None:
    (rule,) = stack.properties("DashboardGroup")["SecurityGroupIngress"]
    assert rule["SourceSecurityGroupId"] == "BalancerGroup"
    assert (rule["FromPort"], rule["ToPort"]) == (8501, 8501)
    open_to_all = {
        (name, rule["FromPort"])
        for name, group in of_kind(stack, "EC2::SecurityGroup").items()
        for rule in group["SecurityGroupIngress"]
        if rule.get("CidrIp") == "0.0.0.0/0"
    }
    assert open_to_all == {("BalancerGroup", 80), ("BalancerGroup", 443)}


def test_the_dashboard_gets_settings_that_there_are(stack: Stack) -> None:
    (container,) = stack.properties("Task")["ContainerDefinitions"]
    given = {e["Name"] for e in [*container["Environment"], *container["Secrets"]]}
    own = {name.removeprefix("CONTRAPPOSTO_").lower() for name in given if "CONTRAPPOSTO" in name}
    assert own <= Settings.model_fields.keys()
    assert {"bucket", "table", "records_table", "region", "endpoint_role", "image", "secret"} <= own
    assert {"events_topic", "events_queue", "kms_key", "team"} <= own
    secret = {e["Name"] for e in container["Secrets"]}
    assert secret == {"CONTRAPPOSTO_SECRET"}


def test_logs_are_kept_for_a_time(stack: Stack) -> None:
    groups = of_kind(stack, "Logs::LogGroup")
    assert groups
    assert {group["RetentionInDays"] for group in groups.values()} == {30}


@pytest.mark.parametrize(
    ("parameters", "absent"),
    [
        ({"DashboardImage": ""}, {"Service", "Task", "Balancer", "Certificate", "UnhealthyAlarm"}),
        ({"HostedZoneId": ""}, {"Record"}),
        ({"CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1"}, {"Certificate"}),
        ({"AlarmEmail": ""}, {"AlarmTopic", "UnhealthyAlarm", "Budget"}),
        ({"MonthlyBudget": 0}, {"Budget"}),
        ({"BuildInAccount": "no"}, {"BuildProject", "BuildRole", "BuildLogs"}),
        ({"RouteTableIds": ""}, {"S3Gateway", "DynamoDbGateway"}),
        ({"InterfaceEndpoints": "no"}, {"StsInterface", "InterfaceGroup"}),
        ({"Login": "oidc"}, {"UserPool", "UserPoolClient", "UserPoolDomain"}),
    ],
)
def test_what_is_not_asked_for_is_not_made(
    stack: Stack, parameters: dict[str, Any], absent: set[str]
) -> None:
    made = stack.resources().keys()
    assert absent <= made
    assert not absent & Stack({**SERVING, **parameters}).resources().keys()


def test_every_rule_names_parameters_that_there_are() -> None:
    template = load()
    rules = json.dumps(template["Rules"])
    for name in ("Login", "OidcIssuer", "HostedZoneId", "CertificateArn"):
        assert name in template["Parameters"]
        assert f'"{name}"' in rules
    assert listed(template["AWSTemplateFormatVersion"]) == ["2010-09-09"]
