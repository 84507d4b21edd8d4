"""openstacksdk, on the command line: logs in as the environment and the clouds file say.

Prints {"token": true} after a login, or {"error"} if the settings are refused. The login itself is recorded by whoever
listens at the `auth_url`. As in OpenStack's own command, OS_REGION_NAME chooses among the regions of the cloud.
"""

import json
import logging
import os
import sys
import warnings

from openstack.config import OpenStackConfig

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

try:
    cloud = OpenStackConfig().get_one(region_name=os.environ.get("OS_REGION_NAME"))
    result = {
        "token": bool(cloud.get_session().get_token()),
        "region": cloud.region_name,
        "endpoint": cloud.config.get("ecs_endpoint_override"),
        "cacert": cloud.config.get("cacert"),
    }
except Exception as error:  # whatever it is, nobody is logged in
    result = {"error": f"{type(error).__name__}: {error}"}
json.dump(result, sys.stdout)
