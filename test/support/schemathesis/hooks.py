"""Lets some generated requests name an account, a ticket or a role that exists: a fuzzer alone would never get past them."""
import os

import schemathesis

ACCOUNT = os.environ["FUZZ_ACCOUNT"]
TICKET = os.environ["FUZZ_TICKET"]
USER = os.environ["FUZZ_USER"]
ROLES = ["nurse", "physician", "pharmacist"]


def replaceable(account):
    """Valid as it is: what is wrong with the request on purpose stays wrong."""
    return isinstance(account, str) and account.isprintable() and 0 < len(account.strip()) < 20 and len(account) % 2 == 0


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and replaceable(body.get("account")):
        return {**body, "account": ACCOUNT}
    if isinstance(body, dict) and set(body) == {"roles"} and isinstance(body["roles"], list):
        return {"roles": [held_by(one, at) for at, one in enumerate(body["roles"])]}
    if isinstance(body, str) and len(body) % 2 == 0:
        return f"user,role,until\n{USER},nurse,\n"
    return body


def held_by(one, at):
    """The first few name different roles that there are, without an end."""
    if isinstance(one, dict) and replaceable_or_empty(one.get("role")) and at < len(ROLES):
        return {**one, "role": ROLES[at], **({"until": None} if isinstance(one.get("until"), str) else {})}
    return one


def replaceable_or_empty(role):
    return role == "" or replaceable(role)


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if path_parameters and replaceable(path_parameters.get("account")):
        return {**path_parameters, "account": ACCOUNT}
    if path_parameters and replaceable(path_parameters.get("ticket_id")):
        return {**path_parameters, "ticket_id": TICKET}
    if path_parameters and replaceable(path_parameters.get("user_id")):
        return {**path_parameters, "user_id": USER}
    return path_parameters


@schemathesis.hook
def before_call(context, case, kwargs):
    """Everybody of this hospital would lose their roles."""
    if case.query and case.query.get("prune") == "true":
        case.query["prune"] = "false"


@schemathesis.serializer("text/csv")
def csv(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
