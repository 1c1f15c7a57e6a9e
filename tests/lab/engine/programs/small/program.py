"""A network, two machines behind a firewall, a role and a bucket: one of each kind of relation."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
network = config.require_object("network")
stack = pulumi.get_stack()
TAGS = {"clusterbed:cluster": stack}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


class Network(pulumi.ComponentResource):
    """A VPC with one public subnet."""

    def __init__(self) -> None:
        super().__init__("small:index:Network", "network")
        below = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc("vpc", cidr_block=network["cidr"], enable_dns_hostnames=True, tags=TAGS, opts=below)
        gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id, tags=TAGS, opts=below)
        table = aws.ec2.RouteTable("table", vpc_id=vpc.id, tags=TAGS, opts=below)
        aws.ec2.Route(
            "way-out",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=below,
        )
        self.subnet = aws.ec2.Subnet(
            "subnet",
            vpc_id=vpc.id,
            cidr_block=network["cidr"].replace("/16", "/24"),
            tags=TAGS,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        aws.ec2.RouteTableAssociation(
            "association", subnet_id=self.subnet.id, route_table_id=table.id, opts=below
        )
        self.group = aws.ec2.SecurityGroup(
            "group", vpc_id=vpc.id, description=network["description"], tags=TAGS, opts=below
        )
        aws.vpc.SecurityGroupIngressRule(
            "ssh",
            security_group_id=self.group.id,
            ip_protocol="tcp",
            from_port=22,
            to_port=22,
            cidr_ipv4=network.get("caller", "203.0.113.9/32"),
            tags=TAGS,
            opts=below,
        )
        aws.vpc.SecurityGroupEgressRule(
            "inside",
            security_group_id=self.group.id,
            ip_protocol="-1",
            referenced_security_group_id=self.group.id,
            tags=TAGS,
            opts=below,
        )
        self.register_outputs({"subnet": self.subnet.id})


place = Network()
bucket = aws.s3.Bucket("results", force_destroy=config.get_bool("emptyOnDestroy") or False, tags=TAGS)
aws.s3.BucketPublicAccessBlock("closed", bucket=bucket.id, block_public_acls=True, block_public_policy=True)
role = aws.iam.Role("role", assume_role_policy=json.dumps(TRUST), tags=TAGS)
aws.iam.RolePolicy(
    "policy",
    role=role.name,
    policy=bucket.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": [f"{arn}/*"]}],
            }
        )
    ),
)
profile = aws.iam.InstanceProfile("profile", role=role.name, tags=TAGS)
image = aws.ssm.get_parameter_output(name="/clusterbed/test/image")
machines = [
    aws.ec2.Instance(
        f"machine-{number}",
        ami=image.value,
        instance_type=config.get("type") or "t2.large",
        subnet_id=place.subnet.id,
        private_ip=network["cidr"].replace("0.0/16", f"0.{10 + number}"),
        vpc_security_group_ids=[place.group.id],
        iam_instance_profile=profile.name,
        source_dest_check=number > 0,
        user_data=f"#cloud-config\nhostname: machine-{number}\n",
        metadata_options={"http_tokens": "required", "http_endpoint": "enabled"},
        root_block_device={"volume_size": config.get_int("volume") or 15, "volume_type": "gp3", "tags": TAGS},
        tags=TAGS,
        opts=pulumi.ResourceOptions(delete_before_replace=True),
    )
    for number in range(config.require_int("machines"))
]
pulumi.export("addresses", [machine.private_ip for machine in machines])
pulumi.export("image", image.value)
pulumi.export("bucket", bucket.bucket)
pulumi.export("subnet", place.subnet.id)
pulumi.export("plain", 3)
