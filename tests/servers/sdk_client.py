"""The official Python SDK as a command. Reads a JSON object from standard input and prints another.

{"do": "show", "service": "ecs", "endpoint", "project_id", "access_key", "secret_key", "job_id"}
    polls a job: {"status": 200, "body": the response, "seen": what the SDK's models read from it}, or for an error
    {"status", "code", "message"}. With "times" it polls that often again and adds the median of the "seconds" of a poll.
{"do": "sign", "method", "host", "path", "headers", "access_key", "secret_key"}
    signs a request without a body: {"authorization"}.
"""

import importlib
import json
import statistics
import sys
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer


# The module, the client, the request and the call of each service.
SERVICES = {
    "cce": ("cce.v3", "CceClient", "ShowJobRequest", "show_job"),
    "dcs": ("dcs.v2", "DcsClient", "ShowJobInfoRequest", "show_job_info"),
    "ecs": ("ecs.v2", "EcsClient", "ShowJobRequest", "show_job"),
    "rds": ("rds.v3", "RdsClient", "ListJobInfoRequest", "list_job_info"),
    "sdrs": ("sdrs.v1", "SdrsClient", "ShowJobStatusRequest", "show_job_status"),
}


def show(command):
    credentials = BasicCredentials(command["access_key"], command["secret_key"], command["project_id"])
    config = HttpConfig.get_default_config()
    config.timeout = (5, 10)
    config.retry_times = 0
    module, client, request, call = SERVICES[command["service"]]
    module = importlib.import_module(f"huaweicloudsdk{module}")
    Client, Request = getattr(module, client), getattr(module, request)
    client = Client.new_builder().with_http_config(config).with_credentials(credentials) \
        .with_endpoint(command["endpoint"]).build()
    try:
        response = getattr(client, call)(Request(**{"id" if call == "list_job_info" else "job_id": command["job_id"]}))
    except ServiceResponseException as error:
        return {"status": error.status_code, "code": error.error_code, "message": error.error_msg}
    took = []
    for _ in range(command.get("times", 0)):
        begun = time.perf_counter()
        getattr(client, call)(Request(**{"id" if call == "list_job_info" else "job_id": command["job_id"]}))
        took.append(time.perf_counter() - begun)
    seconds = statistics.median(took) if took else None
    return {"status": response.status_code, "body": json.loads(response.raw_content), "seen": response.to_dict(),
            "seconds": seconds}


def sign(command):
    request = SdkRequest(method=command["method"], schema="https", host=command["host"], resource_path=command["path"],
                         query_params=[], header_params=dict(command["headers"]), body="")
    signed = Signer(BasicCredentials(command["access_key"], command["secret_key"], "unused")).sign(request)
    return {"authorization": signed.header_params["Authorization"]}


command = json.load(sys.stdin)
json.dump({"show": show, "sign": sign}[command["do"]](command), sys.stdout, default=str)
