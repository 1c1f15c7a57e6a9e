"""Route tables and security groups hold in the network, not only in the API."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.lab.conftest import Pair, until

pytestmark = pytest.mark.lab

S3 = "$(. /etc/environment; echo $AWS_ENDPOINT_URL)/results"


def reaches_out(pair: Pair) -> bool:
    """Any answer of the API counts: it is on the lab's internet."""
    words = f"curl -s -m 4 -o /dev/null -w '%{{http_code}}' {S3}/"
    return pair.try_sh(pair.worker, words).stdout.strip() == "403"


def test_s1_2_the_worker_goes_out_through_the_heads_nat_or_not_at_all(pair: Pair) -> None:
    assert reaches_out(pair)
    pair.sh(pair.head, "sudo nft delete chain ip nat out")
    assert not reaches_out(pair)
    pair.sh(
        pair.head,
        "sudo nft 'add chain ip nat out { type nat hook postrouting priority srcnat; }' && "
        "sudo nft add rule ip nat out ip saddr 10.0.0.0/16 ip daddr != 10.0.0.0/16 masquerade",
    )
    assert reaches_out(pair)
    pair.sh(pair.head, "sudo sysctl -qw net.ipv4.ip_forward=0")
    assert not reaches_out(pair)
    pair.sh(pair.head, "sudo sysctl -qw net.ipv4.ip_forward=1")


def test_s1_2_source_destination_check_stops_forwarding(pair: Pair) -> None:
    pair.ec2.modify_instance_attribute(InstanceId=pair.head, SourceDestCheck={"Value": True})
    until(lambda: not reaches_out(pair), "the check to bite", within_s=15)
    pair.ec2.modify_instance_attribute(InstanceId=pair.head, SourceDestCheck={"Value": False})
    until(lambda: reaches_out(pair), "the way out to be back", within_s=15)


def test_the_role_writes_its_prefix_and_nothing_else(pair: Pair) -> None:
    script = f"""
base=http://169.254.169.254/latest
token=$(curl -sX PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $base/api/token)
keys=$(curl -s -H "X-aws-ec2-metadata-token: $token" $base/meta-data/iam/security-credentials/node)
value() {{ printf '%s' "$keys" | sed -n "s/.*\\"$1\\": \\"\\([^\\"]*\\)\\".*/\\1/p"; }}
for key in hostkeys/w other/w; do
  printf body | curl -s -o /dev/null -w '%{{http_code}}\\n' --aws-sigv4 aws:amz:eu-central-1:s3 \\
    --user "$(value AccessKeyId):$(value SecretAccessKey)" -H "x-amz-security-token: $(value Token)" \\
    -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' \\
    -H 'content-type: text/plain' -X PUT --data-binary @- {S3}/$key
done
"""
    assert pair.sh(pair.worker, script).split() == ["200", "403"]
    assert pair.s3.get_object(Bucket="results", Key="hostkeys/w")["Body"].read() == b"body"


@pytest.fixture
def listener(pair: Pair) -> Iterator[int]:
    port = 7077
    pair.sh(pair.worker, f"sudo systemd-run -q --unit listener nc -lk {port}")
    yield port
    pair.sh(pair.worker, "sudo systemctl stop listener")


def test_a_port_that_no_rule_names_is_closed_and_a_rule_opens_it(pair: Pair, listener: int) -> None:
    def answers() -> bool:
        return pair.try_sh(pair.head, f"nc -z -w 2 10.0.2.11 {listener}").returncode == 0

    rule = {
        "IpProtocol": "tcp",
        "FromPort": listener,
        "ToPort": listener,
        "UserIdGroupPairs": [{"GroupId": pair.group}],
    }
    assert not answers()
    pair.ec2.authorize_security_group_ingress(GroupId=pair.group, IpPermissions=[rule])
    until(answers, "the new rule to open the port")
    pair.ec2.revoke_security_group_ingress(GroupId=pair.group, IpPermissions=[rule])
    until(lambda: not answers(), "the port to be closed again")


def test_a_node_cannot_lift_its_firewall(pair: Pair, listener: int) -> None:
    pair.sh(pair.worker, "sudo nft flush ruleset")
    assert pair.try_sh(pair.head, f"nc -z -w 2 10.0.2.11 {listener}").returncode != 0


def test_a_node_cannot_take_anothers_address(pair: Pair) -> None:
    pair.sh(pair.worker, "sudo ip address add 10.0.2.99/32 dev lo")
    spoofed = pair.try_sh(pair.worker, "ping -c1 -W1 -I 10.0.2.99 10.0.1.10")
    honest = pair.try_sh(pair.worker, "ping -c1 -W1 10.0.1.10")
    pair.sh(pair.worker, "sudo ip address delete 10.0.2.99/32 dev lo")
    assert (honest.returncode, spoofed.returncode != 0) == (0, True)


def test_a_bucket_policy_that_asks_for_tls_does_not_shut_the_bucket(pair: Pair) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::results", "arn:aws:s3:::results/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
    pair.s3.put_bucket_policy(Bucket="results", Policy=json.dumps(policy))
    pair.s3.put_object(Bucket="results", Key="runs/a", Body=b"1")
    assert pair.s3.get_object(Bucket="results", Key="runs/a")["Body"].read() == b"1"
