"""The official Python SDK, on the command line. Reads one JSON object from the standard input, prints another.

{"do": "show", "service": "ecs" | "sdrs", "endpoint", "project_id", "access_key", "secret_key", "job_id"}
    asks for a job: {"status": 200, "body": what was answered, "seen": what the SDK made of it}, or for a refusal
    {"status", "code", "message"}. With "times" it asks so often again, and tells the median "seconds" of a poll.
{"do": "sign", "method", "host", "path", "headers", "access_key", "secret_key"}
    signs a request that has no body: {"authorization"}.
"""

import json
import statistics
import sys
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer


def show(ask):
    credentials = BasicCredentials(ask["access_key"], ask["secret_key"], ask["project_id"])
    config = HttpConfig.get_default_config()
    config.timeout = (5, 10)
    config.retry_times = 0
    if ask["service"] == "ecs":
        from huaweicloudsdkecs.v2 import EcsClient as Client, ShowJobRequest as Request
        look = "show_job"
    else:
        from huaweicloudsdksdrs.v1 import SdrsClient as Client, ShowJobStatusRequest as Request
        look = "show_job_status"
    client = Client.new_builder().with_http_config(config).with_credentials(credentials) \
        .with_endpoint(ask["endpoint"]).build()
    try:
        answer = getattr(client, look)(Request(job_id=ask["job_id"]))
    except ServiceResponseException as error:
        return {"status": error.status_code, "code": error.error_code, "message": error.error_msg}
    took = []
    for _ in range(ask.get("times", 0)):
        begun = time.perf_counter()
        getattr(client, look)(Request(job_id=ask["job_id"]))
        took.append(time.perf_counter() - begun)
    seconds = statistics.median(took) if took else None
    return {"status": answer.status_code, "body": json.loads(answer.raw_content), "seen": answer.to_dict(),
            "seconds": seconds}


def sign(ask):
    request = SdkRequest(method=ask["method"], schema="https", host=ask["host"], resource_path=ask["path"],
                         query_params=[], header_params=dict(ask["headers"]), body="")
    signed = Signer(BasicCredentials(ask["access_key"], ask["secret_key"], "unused")).sign(request)
    return {"authorization": signed.header_params["Authorization"]}


question = json.load(sys.stdin)
json.dump({"show": show, "sign": sign}[question["do"]](question), sys.stdout, default=str)
