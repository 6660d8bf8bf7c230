"""Blanks what was redacted, now: Synapse's own function, which it calls by itself every five minutes for what is older than
redaction_retention_period. On the database of a homeserver that may be running. Usage: blank_redacted.py HOMESERVER_YAML"""
import sys

import yaml
from synapse.config.homeserver import HomeServerConfig
from synapse.server import HomeServer
from synapse.storage import DataStore
from twisted.internet import defer, reactor


class Store(HomeServer):
    DATASTORE_CLASS = DataStore


with open(sys.argv[1]) as file:
    settings = yaml.safe_load(file)
config = HomeServerConfig()
config.parse_config_dict(settings, "", "")
config.server.redaction_retention_period = 0
server = Store(hostname=config.server.server_name, config=config, reactor=reactor)
server.setup()
failures = []


async def blank():
    try:
        await server.get_datastores().main._censor_redactions()
    finally:
        reactor.stop()


def begin():
    done = defer.ensureDeferred(server.run_as_background_process("blank", blank))
    done.addErrback(failures.append)


server.get_clock().call_when_running(begin)
reactor.run()
sys.exit(1 if failures else 0)
