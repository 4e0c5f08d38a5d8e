"""What happens to an invocation: delivered, refused, retried, failed, expired."""

import json
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.s3 import ObjectStore
from local_aws.sagemaker.endpoint_runtime import EndpointResources, EndpointRuntime
from local_aws.sagemaker.instances.deployment import Deployment
from local_aws.sagemaker.instances.instance_directory import ContainerFactory
from local_aws.sagemaker.invocations.delivery import InvocationDelivery, InvocationFailure
from local_aws.sagemaker.invocations.queue import Invocation, InvocationQueue
from tests.local_aws.conftest import BUCKET, STUB, Cloud, refusal, until


@pytest.fixture(scope="module")
def endpoint(cloud: Cloud) -> str:
    """An asynchronous endpoint with one instance."""
    return cloud.deploy()


def test_input_from_s3_and_everything_that_goes_with_it(cloud: Cloud, endpoint: str) -> None:
    cloud.s3.put_object(Bucket=BUCKET, Key="in/1.json", Body=b'{"prompt": "a cute dog"}')
    submitted = cloud.runtime.invoke_endpoint_async(
        EndpointName=endpoint,
        InputLocation=f"s3://{BUCKET}/in/1.json",
        InferenceId="job-1",
        ContentType="application/json",
        Accept="application/json",
        CustomAttributes="user=ann",
        S3OutputPathExtension="jobs/1",
        Filename="result.json",
    )
    assert submitted["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert submitted["InferenceId"] == "job-1"
    assert submitted["OutputLocation"] == f"s3://{BUCKET}/out/jobs/1/result.json"
    assert submitted["FailureLocation"].startswith(f"s3://{BUCKET}/bad/jobs/1/")
    report = cloud.output(submitted)
    assert report["asked"] == {"prompt": "a cute dog"}
    sent = {name.lower(): value for name, value in report["headers"].items()}
    assert sent["x-amzn-sagemaker-inference-id"] == "job-1"
    assert sent["x-amzn-sagemaker-custom-attributes"] == "user=ann"
    assert (sent["content-type"], sent["accept"]) == ("application/json", "application/json")
    stored = cloud.s3.head_object(Bucket=BUCKET, Key="out/jobs/1/result.json")
    assert stored["ContentType"] == "application/json"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"chunked": True}, "did not specify the required Content-Length header"),
        ({"header": 4096}, "has headers with length greater than 4096 bytes"),
    ],
)
def test_an_answer_that_sagemaker_would_not_take_fails(
    cloud: Cloud, endpoint: str, asked: dict[str, Any], reason: str
) -> None:
    """Its words: djl-serving#2567, aws/deep-learning-containers#4668."""
    assert reason in cloud.failure(cloud.submit(endpoint, asked))


def test_large_headers_that_it_takes(cloud: Cloud, endpoint: str) -> None:
    assert cloud.output(cloud.submit(endpoint, {"header": 3500})) == {}


def test_a_container_is_told_where_aws_is(cloud: Cloud, endpoint: str) -> None:
    environment = cloud.output(cloud.submit(endpoint))["environment"]
    assert environment == {
        "AWS_ENDPOINT_URL": cloud.aws.url,
        "AWS_DEFAULT_REGION": cloud.aws.region,
        "NO_PROXY": "127.0.0.1,localhost",
        "OMP_WAIT_POLICY": "passive",
        "GREETING": "hello",
    }


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"status": 500}, 'Received server error (500) from primary with message "{"code": '),
        ({"status": 422}, 'Received client error (422) from primary with message "{"code": '),
        ({"die": True}, "exited with status 9: out of memory, said the stub"),
        ({"die": True, "linger": 3}, "exited with status 9: out of memory, said the stub"),
    ],
)
def test_a_failed_invocation_leaves_a_failure_object_and_the_next_one_runs(
    cloud: Cloud, endpoint: str, knobs: dict[str, Any], words: str
) -> None:
    failed, following = cloud.submit(endpoint, knobs), cloud.submit(endpoint)
    assert words in cloud.failure(failed)
    assert cloud.output(following)["asked"] == {}
    assert cloud.object(failed["OutputLocation"]) is None


def test_input_that_is_not_there_fails_the_invocation(cloud: Cloud, endpoint: str) -> None:
    submitted = cloud.runtime.invoke_endpoint_async(
        EndpointName=endpoint, InputLocation=f"s3://{BUCKET}/in/none"
    )
    assert "in/none: NoSuchKey" in cloud.failure(submitted)


def test_output_that_cannot_be_stored_fails_the_invocation(cloud: Cloud) -> None:
    name = cloud.deploy(output={"S3OutputPath": "s3://no-such-bucket/out"})
    assert "NoSuchBucket" in cloud.failure(cloud.submit(name))


def test_a_busy_container_is_asked_again(cloud: Cloud, endpoint: str) -> None:
    report = cloud.output(cloud.submit(endpoint, {"busy": 2}, InferenceId="patient"))
    assert report["asked"] == {"busy": 2}


def test_a_container_that_stays_mute_is_given_up(cloud: Cloud, endpoint: str) -> None:
    mute = cloud.submit(endpoint, {"until": "/nowhere/go"}, InvocationTimeoutSeconds=1)
    assert "Your invocation timed out" in cloud.failure(mute)


def test_repeated_deaths_are_told_by_the_endpoint_until_one_is_answered(cloud: Cloud) -> None:
    name = cloud.deploy()
    for _ in range(3):
        cloud.failure(cloud.submit(name, {"die": True}))
    reason = until(lambda: cloud.describe(name).get("FailureReason"))
    assert "out of memory, said the stub" in reason
    assert cloud.describe(name)["EndpointStatus"] == "InService"
    assert cloud.output(cloud.submit(name))
    until(lambda: "FailureReason" not in cloud.describe(name))


def test_slots_and_instances_work_at_the_same_time(cloud: Cloud, tmp_path: Path) -> None:
    name, go = cloud.deploy(slots=2, InitialInstanceCount=2), tmp_path / "go"
    submitted = [cloud.submit(name, {"until": str(go)}) for _ in range(4)]
    until(lambda: cloud.begun(name) == 4)
    go.touch()
    reports = [cloud.output(each) for each in submitted]
    by_process = [report["pid"] for report in reports]
    assert sorted(by_process.count(pid) for pid in set(by_process)) == [2, 2]


def test_one_slot_keeps_the_order(cloud: Cloud, endpoint: str) -> None:
    submitted = [cloud.submit(endpoint, {"n": n, "sleep": 0.05}) for n in range(4)]
    for each in submitted:
        cloud.output(each)
    keys = [each["OutputLocation"].removeprefix(f"s3://{BUCKET}/") for each in submitted]
    times = [cloud.s3.head_object(Bucket=BUCKET, Key=key)["LastModified"] for key in keys]
    assert times == sorted(times)


def test_a_synchronous_endpoint(cloud: Cloud) -> None:
    name = cloud.deploy(asynchronous=False)

    def invoke(knobs: dict[str, Any]) -> Any:
        return cloud.runtime.invoke_endpoint(
            EndpointName=name, Body=json.dumps(knobs).encode(), ContentType="application/json"
        )

    answer = invoke({"n": 1})
    assert json.loads(answer["Body"].read())["asked"] == {"n": 1}
    assert (answer["InvokedProductionVariant"], answer["ContentType"]) == (
        "main",
        "application/json",
    )
    with pytest.raises(cloud.runtime.exceptions.ModelError) as caught:
        invoke({"status": 500})
    error: Any = caught.value.response
    assert error["OriginalStatusCode"] == 500
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    for target in ("TargetModel", "TargetContainerHostname", "InferenceComponentName"):
        anything: Any = {target: "other"}
        call = partial(cloud.runtime.invoke_endpoint, EndpointName=name, Body=b"{}", **anything)
        code, message, _ = refusal(call)
        assert (code, target in message) == ("ValidationError", True)
    assert refusal(lambda: invoke({"die": True}))[0] == "ModelError"
    assert refusal(lambda: cloud.submit(name))[0] == "ValidationError"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "exactly one of InputLocation and Body"),
        ({"Body": b"{}", "InputLocation": "s3://b/k"}, "exactly one of InputLocation and Body"),
        ({"Body": b"x" * 128_001}, "at 'body' failed to satisfy constraint"),
        ({"InputLocation": "ftp://b/k"}, "at 'inputLocation' failed"),
        ({"Body": b"{}", "InferenceId": "x" * 65}, "less than or equal to 64"),
        ({"Body": b"{}", "InferenceId": "a\tb"}, "regular expression pattern"),
        ({"Body": b"{}", "RequestTTLSeconds": 59}, "greater than or equal to 60"),
        ({"Body": b"{}", "InvocationTimeoutSeconds": 3601}, "less than or equal to 3600"),
        ({"Body": b"{}", "Filename": "a.b.c"}, "regular expression pattern"),
        ({"Body": b"{}", "S3OutputPathExtension": "s3://x"}, "regular expression pattern"),
        ({"Body": b"{}", "CustomAttributes": "x" * 1025}, "less than or equal to 1024"),
        ({"Body": b"{}", "EndpointName": "none"}, "Endpoint none of account"),
        ({"Body": b"{}", "EndpointName": "a b"}, "at 'endpointName' failed"),
    ],
)
def test_invocations_that_sagemaker_refuses(
    cloud: Cloud, endpoint: str, asked: dict[str, Any], words: str
) -> None:
    call = cloud.runtime.invoke_endpoint_async
    code, message, status = refusal(lambda: call(**{"EndpointName": endpoint, **asked}))
    assert (code, status) == ("ValidationError", 400)
    assert words in message


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"Body": b"x" * 6_291_457}, "less than or equal to 6291456"),
        ({"Body": b"{}"}, "is asynchronous"),
        ({"Body": b"{}", "EndpointName": "none"}, "not found"),
    ],
)
def test_synchronous_invocations_that_sagemaker_refuses(
    cloud: Cloud, endpoint: str, asked: dict[str, Any], words: str
) -> None:
    call = cloud.runtime.invoke_endpoint
    code, message, _ = refusal(lambda: call(**{"EndpointName": endpoint, **asked}))
    assert (code, words in message) == ("ValidationError", True)


def test_a_synchronous_endpoint_without_instances_has_no_capacity(cloud: Cloud) -> None:
    name = cloud.deploy(asynchronous=False)
    cloud.scale(name, 0)
    cloud.reach(name, "InService")
    call = cloud.runtime.invoke_endpoint
    code, _, status = refusal(lambda: call(EndpointName=name, Body=b"{}"))
    assert (code, status) == ("ServiceUnavailable", 503)


def test_notifications_tell_of_success_and_failure(cloud: Cloud) -> None:
    sns, sqs = cloud.client("sns"), cloud.client("sqs")
    topic = sns.create_topic(Name="ended")["TopicArn"]
    queue = sqs.create_queue(QueueName="ended")["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=asked["Attributes"]["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
    )
    topics = {"SuccessTopic": topic, "ErrorTopic": topic}
    name = cloud.deploy(output={"NotificationConfig": topics})
    cloud.output(cloud.submit(name, InferenceId="good"))
    cloud.failure(cloud.submit(name, {"status": 500}, InferenceId="bad"))
    received: dict[str, str] = {}

    def both() -> bool:
        for message in sqs.receive_message(QueueUrl=queue).get("Messages", []):
            told = json.loads(message["Body"])
            received[told["inferenceId"]] = told["invocationStatus"]
            assert told["requestParameters"]["endpointName"] == name
        return len(received) == 2

    until(both)
    assert received == {"good": "Completed", "bad": "Failed"}


def test_deleting_an_endpoint_ends_what_runs_on_it(cloud: Cloud) -> None:
    name = cloud.deploy()
    pid = cloud.output(cloud.submit(name))["pid"]
    running, waiting = cloud.submit(name, {"sleep": 60}), cloud.submit(name)
    until(lambda: cloud.begun(name) == 2)
    cloud.sagemaker.delete_endpoint(EndpointName=name)
    until(lambda: refused(lambda: cloud.describe(name)))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert "died" in cloud.failure(running)
    assert cloud.object(waiting["OutputLocation"]) is None


def test_what_comes_once_an_endpoint_is_being_deleted_is_refused(tmp_path: Path) -> None:
    """Else it would wait there for the next endpoint of that name."""
    queue, gone = InvocationQueue(tmp_path / "queue"), threading.Event()
    store = ObjectStore(tmp_path / "s3", time.time)
    runtime = EndpointRuntime(
        "e",
        Deployment("c", (), {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/out"}}),
        EndpointResources(
            ContainerFactory(STUB, {}, store),
            tmp_path / "endpoints",
            queue,
            InvocationDelivery(store, lambda *_: None, "us-east-1", time.time),
        ),
        save=lambda _: None,
        on_deleted=lambda _: gone.set(),
    )
    runtime.start()
    until(lambda: runtime.is_serving)
    assert runtime.enqueue(invocation())
    assert runtime.delete()
    assert not runtime.enqueue(invocation())
    assert queue.backlog("e") == 0
    assert gone.wait(60)
    queue.close()
    store.close()


def refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        return "Could not find" in str(error)
    return False


def invocation(**fields: Any) -> Invocation:
    return Invocation(
        **{
            "endpoint": "e",
            "inference_id": "i",
            "output_location": "s3://b/o",
            "received": 100.0,
            "expires": 160.0,
            "timeout": 1.0,
            **fields,
        }
    )


def test_the_queue_is_first_in_first_out_and_forgets_nothing(tmp_path: Any) -> None:
    queue = InvocationQueue(tmp_path / "queue")
    for name in "abc":
        queue.put(invocation(inference_id=name, body=name.encode(), headers={"Accept": "*/*"}))
    first = queue.claim("e")
    assert first is not None
    assert (first.inference_id, first.body, first.headers) == ("a", b"a", {"Accept": "*/*"})
    assert queue.claim("other") is None
    assert queue.backlog("e") == 3
    queue.close()
    queue = InvocationQueue(tmp_path / "queue")  # what ran when it was closed comes first again
    again = queue.claim("e")
    assert again is not None
    assert again.inference_id == "a"
    queue.remove(again)
    assert [each.inference_id for each in queue.pop_expired(161.0)] == ["b", "c"]
    assert queue.backlog("e") == 0
    queue.close()


def test_what_had_begun_in_time_does_not_expire_at_a_restart(tmp_path: Any) -> None:
    queue = InvocationQueue(tmp_path / "queue")
    queue.put(invocation())
    assert queue.claim("e")
    queue.close()
    queue = InvocationQueue(tmp_path / "queue")
    assert queue.pop_expired(time.time()) == []
    assert queue.claim("e")
    queue.close()


def test_the_failure_of_an_expired_request_is_stored(tmp_path: Any) -> None:
    store = ObjectStore(tmp_path, time.time)
    store.ensure_bucket(BUCKET)
    delivery = InvocationDelivery(store, lambda *_: None, "us-east-1", time.time)
    expired = invocation(failure_location=f"s3://{BUCKET}/bad")
    assert delivery.store_outcome(expired, InvocationFailure("too late"), {}) is False
    assert store.read_bytes(BUCKET, "bad") == b"too late"
    store.close()
