"""usage: serve.py PORT_FILE LOG

Keystone on 127.0.0.1 and a free port, which is written to PORT_FILE once it listens. A path may begin with
/for/LABEL; then the line in LOG says so, and a test can tell its own requests: LABEL METHOD PATH STATUS.
"""

import os
import sys

port_file, log_file = sys.argv[1:]
sys.argv = ["keystone"]  # Keystone reads the arguments itself and knows none of these.

from keystone.server.wsgi import initialize_public_application
from waitress.server import create_server

keystone = initialize_public_application()
log = open(log_file, "a", buffering=1)


def application(environ, start_response):
    label, path = "-", environ["PATH_INFO"]
    if path.startswith("/for/"):
        _, _, label, rest = path.split("/", 3)
        path = "/" + rest
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "/for/" + label, path

    def start(status, headers, exc_info=None):
        log.write(f"{label} {environ['REQUEST_METHOD']} {path} {status[:3]}\n")
        return start_response(status, headers, exc_info)

    return keystone(environ, start)


server = create_server(application, host="127.0.0.1", port=0, threads=4, ident=None)
with open(port_file + ".new", "w") as file:
    file.write(str(server.effective_port))
os.rename(port_file + ".new", port_file)
server.run()
