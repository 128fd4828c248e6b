"""An AWS account for the lab: moto's server, filled in the same way each time, with IAM enforced.

Writes ``account.json`` (port, keys, instances) into the folder given, and serves until killed.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
import urllib.request
from pathlib import Path

import boto3
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

REGION = "us-east-1"
SEED = 42
IMAGE = "ami-12c6146b"
ACTIONS = ["DescribeInstances", "DescribeInstanceStatus", "DescribeTags", "DescribeRegions"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--more", type=int, default=0, help="further instances, for paging")
    arguments = parser.parse_args()
    # Nothing of the person's own account may leak into the lab's.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)

    server = ThreadedMotoServer("127.0.0.1", arguments.port, verbose=False)
    server.start()
    url = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    post(url, f"/moto-api/seed?a={SEED}")
    account = {"url": url, "region": REGION, **fill(url, arguments.more)}
    # From here on, each request needs a key, a signature and a policy.
    post(url, "/moto-api/reset-auth", b"0")

    draft = arguments.folder / "account.json.draft"
    draft.write_text(json.dumps(account))
    draft.rename(arguments.folder / "account.json")
    while True:
        time.sleep(3600)


def fill(url: str, more: int) -> dict[str, object]:
    session = boto3.session.Session("lab", "lab", region_name=REGION)
    ec2 = session.client("ec2", endpoint_url=url)

    def run(address: str, **tags: str) -> str:
        answer = ec2.run_instances(
            ImageId=IMAGE,
            MinCount=1,
            MaxCount=1,
            InstanceType="m7g.large",
            PrivateIpAddress=address,
            TagSpecifications=[
                {
                    "ResourceType": "instance",
                    "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
                }
            ],
        )
        return answer["Instances"][0]["InstanceId"]

    instances = {
        f"object{n}": run(f"127.0.0.{n + 2}", kind=f"object{n}", Name=f"fleet-object{n}")
        for n in range(8)
    }
    # The culprit's predecessor: same tag, no longer running.
    instances["stopped"] = run("127.0.1.6", kind="object4", Name="old-object4")
    ec2.stop_instances(InstanceIds=[instances["stopped"]])
    instances["only-stopped"] = run("127.0.1.9", kind="retired", Name="retired")
    ec2.stop_instances(InstanceIds=[instances["only-stopped"]])
    instances["left"] = run("127.0.2.1", kind="pair", Name="left")
    instances["right"] = run("127.0.2.2", kind="pair", Name="right")
    for n in range(more):
        run(f"10.9.{n // 200}.{n % 200 + 4}", kind="herd")

    iam = session.client("iam", endpoint_url=url)
    reader = key_of(iam, "reader")
    statement = {
        "Effect": "Allow",
        "Action": [f"ec2:{action}" for action in ACTIONS] + ["sts:GetCallerIdentity"],
        "Resource": "*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=document)
    return {"instances": instances, "reader": reader, "nobody": key_of(iam, "nobody")}


def key_of(iam, user: str) -> dict[str, str]:
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}


def post(url: str, path: str, data: bytes = b"") -> None:
    # Of a form, moto would see nothing.
    headers = {"Content-Type": "text/plain"}
    request = urllib.request.Request(url + path, data, headers, method="POST")
    urllib.request.urlopen(request).close()


main()
