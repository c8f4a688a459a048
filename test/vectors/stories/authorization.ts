import { secp256k1 } from "@noble/curves/secp256k1.js";
import { NOT_BROUGHT } from "../../../spec/core-operations.ts";
import { computeEpochKeyHash } from "../../../spec/grant-keys.ts";
import type { Authorization, Operation, SignableBody } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import { encodeTypedData } from "../../../spec/typed-data.ts";
import { encodeWord, readBigEndian } from "../../../spec/words.ts";
import {
  bySender,
  integers,
  metric,
  type Person,
  START_SEC,
  texts,
} from "../../arbitraries/world.ts";
import { fromHex } from "../transition-vectors.ts";
import { writeFalseBatch } from "./false-batch.ts";
import { declare, rotateKey, Story } from "./story.ts";

type AccountAuthorization = Extract<Authorization, { by: "account" }>;

const METRICS = [metric("a"), metric("b", { kind: "text", group: 1 })];
const LATER_SEC = START_SEC + 3_600;

/** Operations that an account signed and anybody relays (spec §1.5). */
export async function tellAuthorization(): Promise<Story> {
  const story = await Story.open(
    "authorization",
    "Carol relays what Alice and Bob have signed. Alice has 100 wei and owns device 1, whose " +
      "sealed stream 1 Bob has bought; its batch 1 is false in group 0.",
  );
  const { world, alice, bob, carol } = story;
  const sign = async (
    body: SignableBody,
    { nonce = 0, by = alice, deadlineSec = LATER_SEC, at = world.at } = {},
  ): Promise<{ authorization: AccountAuthorization; body: SignableBody }> => {
    const claim = { account: by.address, nonce, deadlineSec };
    const typedData = encodeTypedData(at, claim, body) as never;
    const signature = fromHex(await by.account.signTypedData(typedData));
    return { authorization: { by: "account", ...claim, signature }, body };
  };
  const relay = (...operations: readonly Operation[]) => world.send(carol, ...operations);
  const give = (amount: bigint) =>
    ({ kind: "transfer", token: ETHER, to: bob.address, amount }) as const;

  const signer = story.device();
  const keys = [world.random(32), world.random(32)];
  const hashes = [world.random(32), world.random(32)].map((key) =>
    computeEpochKeyHash(world.crypto, key),
  );
  const stream = declare(story, { deviceId: 1, name: "sealed", metrics: METRICS }, keys);
  const grant = world.grant(bob, {
    ...{ streamId: 1, epoch: 0, groups: 0b11, epochKeys: keys },
    expiresAtSec: LATER_SEC,
  });
  story.happens("alice deposits 100 wei", world.depositEther(alice, 100n));
  story.happens(
    "alice registers device 1 and declares stream 1",
    world.bySender(alice, world.registerDevice(alice, signer), stream),
  );
  story.happens(
    "bob registers a key",
    world.bySender(bob, { kind: "register_encryption_key", key: bob.encryptionKey }),
  );
  const content = {
    ...{ metrics: METRICS, epochKeys: keys, times: Float64Array.of(60) },
    columns: [integers(1), texts("x")],
  };
  const { operation, batchKeys } = writeFalseBatch(world, signer, content, {
    ...{ fault: "root_differs", group: 0, columns: [integers(2)] },
  });
  story.happens("device 1 submits a false batch", world.send(carol, operation));
  const beforeGrant = "device 1 submits a false batch";

  const kinds: readonly [SignableBody, by?: Person][] = [
    [give(60n)],
    [{ kind: "withdraw", token: ETHER, recipient: bob.address, amount: 60n }],
    [world.registerDevice(bob, story.device()) as SignableBody, bob],
    [rotateKey(story, 1, story.device())],
    [{ kind: "revoke_device", deviceId: 1 }],
    [{ ...stream, name: "another" }],
    [{ kind: "register_encryption_key", key: carol.encryptionKey }, bob],
    [{ kind: "rotate_epoch", streamId: 1, epoch: 1, epochKeyHashes: hashes }],
    [grant as SignableBody],
    [{ kind: "challenge", batchId: 1, group: 0, batchKey: batchKeys[0]!, ...NOT_BROUGHT }, bob],
  ];
  for (const [body, by = alice] of kinds) {
    story.accepts(
      `relayed_${body.kind}`,
      "§1.5",
      `${by === alice ? "Alice" : "Bob"} signs the typed data of a ${body.kind}, Carol relays it.`,
      relay(await sign(body, { by })),
    );
  }
  story.happens("alice grants both groups to bob", world.bySender(alice, grant));
  story.accepts(
    "relayed_revoke_grant",
    "§1.5",
    "Alice signs the typed data of a revoke_grant, Carol relays it.",
    relay(await sign({ kind: "revoke_grant", streamId: 1, epoch: 0, buyer: bob.address })),
  );
  story.backTo(beforeGrant);

  const first = await sign(give(60n));
  story.accepts(
    "relayed_in_nonce_order",
    "§1.5",
    "Two operations of one account in one input, each under its own nonce.",
    relay(first, await sign(give(40n), { nonce: 1 })),
  );
  story.refuses(
    "relayed_after_a_refused_one",
    "§1.5",
    "A refused operation consumes no nonce: the next one takes it.",
    relay(await sign(give(101n)), await sign(give(100n))),
    "balance_too_low",
  );
  story.accepts(
    "relayed_by_the_account_itself",
    "§1.5",
    "Whoever sends it, the signature counts and the nonce is consumed.",
    world.send(alice, first),
  );
  story.accepts(
    "relayed_sealed",
    "§1.5",
    "Sealed by the relayer, signed by the account.",
    world.sealedBy(carol, first),
  );
  const { signature } = first.authorization;
  const withSignature = (changed: Uint8Array): Operation => ({
    ...first,
    authorization: { ...first.authorization, signature: changed },
  });
  story.accepts(
    "relayed_v_0",
    "§7.2",
    "The signature's last byte may count from 0 instead of 27.",
    relay(withSignature(replaceByte(signature, 64, signature[64]! - 27))),
  );
  story.accepts(
    "relayed_in_the_last_second",
    "§1.5",
    "A deadline one second after the block's time.",
    relay(await sign(give(1n), { deadlineSec: world.timestampSec + 1 })),
  );

  story.refuses(
    "refused_expired",
    "§1.5",
    "The deadline is the first second in which it does not count.",
    relay(await sign(give(1n), { deadlineSec: world.timestampSec })),
    "authorization_expired",
  );
  story.refuses(
    "refused_nonce_ahead",
    "§1.5",
    "Nonces count up by one from 0.",
    relay(await sign(give(1n), { nonce: 1 })),
    "authorization_nonce_wrong",
  );
  const wrong: readonly [string, string, Operation][] = [
    [
      "by_another",
      "Bob cannot sign for Alice.",
      withSignature((await sign(give(60n), { by: bob })).authorization.signature),
    ],
    [
      "for_another_chain",
      "Signed for chain 1.",
      await sign(give(60n), { at: { ...world.at, chainId: 1n } }),
    ],
    [
      "for_another_application",
      "Signed for another application.",
      await sign(give(60n), { at: { ...world.at, app: new Uint8Array(20).fill(0xbb) } }),
    ],
    ["over_another_body", "61 wei were not signed.", { ...first, body: give(61n) }],
    [
      "over_another_deadline",
      "The deadline is signed, too.",
      {
        ...first,
        authorization: { ...first.authorization, deadlineSec: LATER_SEC + 1 },
      },
    ],
    ["high_s", "Of the two signatures with s and −s only the low one counts.", flipS()],
    ["v_29", "The last byte is 0, 1, 27 or 28.", withSignature(replaceByte(signature, 64, 29))],
    ["r_zero", "No key is recovered.", withSignature(signature.map((b, i) => (i < 32 ? 0 : b)))],
  ];
  for (const [name, comment, operation] of wrong) {
    story.refuses(
      `refused_signature_${name}`,
      "§1.5",
      comment,
      relay(operation),
      "authorization_signature_wrong",
    );
  }
  const nothing = { account: alice.address, signature: new Uint8Array(65) };
  const claim = { by: "account", ...nothing, nonce: 0, deadlineSec: LATER_SEC } as const;
  story.refuses(
    "refused_in_order",
    "§1.5",
    "Deadline, nonce, signature: what is wrong first is reported.",
    relay(
      { authorization: { ...claim, nonce: 1, deadlineSec: 0 }, body: give(1n) },
      { authorization: { ...claim, nonce: 1 }, body: give(1n) },
      { authorization: claim, body: give(101n) },
    ),
    "authorization_expired",
    "authorization_nonce_wrong",
    "authorization_signature_wrong",
  );
  story.refuses(
    "refused_submission_by_sender",
    "§1.5",
    "Submissions carry their device's signature, even when its owner sends them.",
    world.send(alice, bySender(operation.body)),
    "authorization_kind_wrong",
  );
  story.refuses(
    "refused_submission_by_account",
    "§1.5",
    "Nor does the owner's signature replace the device's.",
    relay({ authorization: claim, body: operation.body }),
    "authorization_kind_wrong",
  );
  story.refuses(
    "refused_transfer_by_device",
    "§1.5",
    "A device signs submissions and nothing else.",
    relay({ authorization: { by: "device", signature: new Uint8Array(64) }, body: give(1n) }),
    "authorization_kind_wrong",
  );

  story.happens("carol relays alice's transfer", relay(first));
  story.refuses(
    "refused_nonce_used",
    "§1.5",
    "What was relayed counts once.",
    relay(first),
    "authorization_nonce_wrong",
  );
  return story;

  /** The other signature over the same digest. */
  function flipS(): Operation {
    const s = secp256k1.Point.Fn.ORDER - readBigEndian(signature.subarray(32, 64));
    const v = signature[64] === 27 ? 28 : 27;
    return withSignature(Uint8Array.of(...signature.subarray(0, 32), ...encodeWord(s), v));
  }
}

const replaceByte = (bytes: Uint8Array, at: number, value: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? value : byte));
