"""aws:ec2/keyPair:KeyPair."""

from __future__ import annotations

from lab.engine.aws.tags import retag, specification, tag_outputs
from lab.engine.cloud import by_token, remove, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties


class KeyPair(Kind):
    """A public SSH key that instances accept. Its id is its name."""

    pulumi_type = "aws:ec2/keyPair:KeyPair"
    replaces = names("keyName publicKey")
    updates = names("tags")
    autoname = "keyName"

    def create(self, inputs: Properties, token: str) -> str:
        made = self.cloud.ec2.import_key_pair(
            KeyName=inputs["keyName"],
            PublicKeyMaterial=inputs["publicKey"].encode(),
            TagSpecifications=specification("key-pair", inputs, token),
        )
        return made["KeyName"]

    def find(self, inputs: Properties, token: str) -> str | None:
        found = self.cloud.ec2.describe_key_pairs(Filters=by_token(token))["KeyPairs"]
        return found[0]["KeyName"] if found else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        if old is not None:
            found = self.cloud.ec2.describe_key_pairs(KeyNames=[id_])["KeyPairs"]
            retag(self.cloud, found[0]["KeyPairId"], inputs, old)
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        found = when_there(lambda: self.cloud.ec2.describe_key_pairs(KeyNames=[id_])["KeyPairs"])
        if not found:
            return None
        key = found[0]
        return {
            "arn": self.cloud.arn("ec2", f"key-pair/{id_}"),
            "keyName": key["KeyName"],
            "keyPairId": key["KeyPairId"],
            "fingerprint": key["KeyFingerprint"],
            "publicKey": inputs.get("publicKey"),
            **tag_outputs(key.get("Tags")),
        }

    def delete(self, id_: str, state: Properties) -> None:
        remove(lambda: self.cloud.ec2.delete_key_pair(KeyName=id_), id_)
