"""usage: seed.py KEYSTONE API IDS

Fills a new Keystone (KEYSTONE ends in /v3): a domain, two projects, a user with a password, a user who needs a
one-time code too, and services in the catalog. The ids are written to IDS. Where IDS exists already, only the
addresses in the catalog are brought up to date: API is the root of the job service, http://127.0.0.1:PORT.
"""

import json
import os
import sys
import urllib.request

base, api, ids_file = sys.argv[1:]
DOMAIN = "OTC-EU-DE-00000000001000000001"
PASSWORD = "s3cret pässword"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# What the real catalog has: every service with another kind of address.
PATHS = {"ecs": "ecs/v1/$(project_id)s", "sdrs": "sdrs/v1/$(project_id)s", "evs": "evs/v2/$(project_id)s",
         "ims": "ims/v2", "vpc": "vpc/v1/$(project_id)s"}
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(method, path, body=None, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["X-Auth-Token"] = token
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, method=method, headers=headers, data=data)
    with direct.open(request) as answer:
        text = answer.read()
        return answer.headers, (json.loads(text) if text else None)


def make(kind, **members):
    path = "/credentials" if kind == "credential" else f"/{kind}s"
    return call("POST", path, {kind: members}, token)[1][kind]["id"]


admin = {"name": "admin", "domain": {"id": "default"}, "password": "adminpw"}
token = call("POST", "/auth/tokens", {"auth": {
    "identity": {"methods": ["password"], "password": {"user": admin}},
    "scope": {"project": {"name": "admin", "domain": {"id": "default"}}},
}})[0]["X-Subject-Token"]

if os.path.exists(ids_file):
    with open(ids_file) as file:
        ids = json.load(file)
else:
    domain = make("domain", name=DOMAIN)
    project = make("project", name="eu-de_demo", domain_id=domain)
    other = make("project", name="eu-de_other", domain_id=domain)
    user = make("user", name="demo", password=PASSWORD, domain_id=domain)
    coded = make("user", name="coded", password=PASSWORD, domain_id=domain, options={
        "multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "totp"]]})
    make("credential", type="totp", user_id=coded, blob=TOTP_SECRET)
    role = next(role["id"] for role in call("GET", "/roles", None, token)[1]["roles"] if role["name"] == "member")
    for who in (user, coded):
        call("PUT", f"/domains/{domain}/users/{who}/roles/{role}", None, token)
        for where in (project, other):
            call("PUT", f"/projects/{where}/users/{who}/roles/{role}", None, token)
    endpoints = {}
    for kind, path in PATHS.items():
        service = make("service", type=kind, name=kind)
        endpoints[kind] = make("endpoint", service_id=service, interface="public", region_id="eu-de", url=f"{api}/{path}")
    ids = {"domain_name": DOMAIN, "domain_id": domain, "project_name": "eu-de_demo", "project_id": project,
           "other_project_name": "eu-de_other", "other_project_id": other, "user_name": "demo", "user_id": user,
           "coded_user_name": "coded", "coded_user_id": coded, "password": PASSWORD, "totp_secret": TOTP_SECRET,
           "endpoints": endpoints}

for kind, path in PATHS.items():
    call("PATCH", f"/endpoints/{ids['endpoints'][kind]}", {"endpoint": {"url": f"{api}/{path}"}}, token)
with open(ids_file + ".new", "w") as file:
    json.dump(ids, file)
os.rename(ids_file + ".new", ids_file)
