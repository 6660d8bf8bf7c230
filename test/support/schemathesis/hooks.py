"""Lets some generated requests name an account that exists: a fuzzer alone would never get past the account."""
import os

import schemathesis

ACCOUNT = os.environ["FUZZ_ACCOUNT"]


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
    return path_parameters
