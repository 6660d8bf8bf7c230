"""Lets some generated requests name an account or a ticket that exists: a fuzzer alone would never get past them."""
import os

import schemathesis

ACCOUNT = os.environ["FUZZ_ACCOUNT"]
TICKET = os.environ["FUZZ_TICKET"]


def replaceable(account):
    """Valid as it is: what is wrong with the request on purpose stays wrong."""
    return isinstance(account, str) and account.isprintable() and 0 < len(account.strip()) < 20 and len(account) % 2 == 0


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and replaceable(body.get("account")):
        return {**body, "account": ACCOUNT}
    return body


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if path_parameters and replaceable(path_parameters.get("account")):
        return {**path_parameters, "account": ACCOUNT}
    if path_parameters and replaceable(path_parameters.get("ticket_id")):
        return {**path_parameters, "ticket_id": TICKET}
    return path_parameters
