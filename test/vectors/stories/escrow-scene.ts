import { hexToBytes } from "@noble/hashes/utils.js";
import type { HistoryInput } from "../../../node-client/history/history-lines.ts";
import { computeEscrowId } from "../../../spec/escrow-id.ts";
import type { EscrowTerms } from "../../../spec/escrow-operations.ts";
import type { BodyOf, OperationBody } from "../../../spec/operations.ts";
import { ETHER } from "../../../spec/portals.ts";
import type { ServiceOffer } from "../../../spec/service-operations.ts";
import { APP, CHAIN_ID, type Person, START_SEC, signedBy } from "../../arbitraries/world.ts";
import { toHex } from "../transition-vectors.ts";
import { Story } from "./story.ts";

const NOTHING = new Uint8Array(0);
const NOBODY = new Uint8Array(20);

/** Prices of a unit in the scenes. */
export const PRICE = 10n;

/** Terms of a pull escrow: three units, a hundred seconds to deliver, fifty to answer. */
export const PULL: EscrowTerms = {
  unitCount: 3,
  deliveryTimeSec: 100,
  answerTimeSec: 50,
  arbiter: NOBODY,
  arbitrationTimeSec: 0,
  autoFillLimit: 0n,
  durationSec: 0,
  expectedMsgs: 0,
  minMsgCount: 0,
  minValidBasisPoints: 0,
  autoRenew: false,
  predicate: NOTHING,
};

/** Terms of a pubsub escrow: sessions of a minute, ten of fifteen messages, three quarters valid. */
export const PUBSUB: EscrowTerms = {
  ...PULL,
  durationSec: 60,
  expectedMsgs: 15,
  minMsgCount: 10,
  minValidBasisPoints: 7_500,
  autoRenew: true,
};

/** Alice provides, Bob buys, Carol arbitrates or has nothing to do with it. */
export class EscrowScene {
  readonly story: Story;
  readonly world: Story["world"];
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;

  private constructor(story: Story) {
    this.story = story;
    this.world = story.world;
    this.alice = story.alice;
    this.bob = story.bob;
    this.carol = story.carol;
  }

  /** Bob has 1,000 wei and Carol 100. */
  static async open(subject: string, comment: string): Promise<EscrowScene> {
    const scene = new EscrowScene(await Story.open(subject, comment));
    const { story, world, bob, carol } = scene;
    story.happens("bob deposits 1,000 wei", world.depositEther(bob, 1_000n));
    story.happens("carol deposits 100 wei", world.depositEther(carol, 100n));
    return scene;
  }

  /** A pull of weather for 10 wei, paid to Alice; no stream. */
  offer(fields: Partial<ServiceOffer> = {}): ServiceOffer {
    return {
      ...{ organization: "", groupId: NOTHING, tags: ["weather"], mode: "pull", token: ETHER },
      ...{ price: PRICE, paymentAddress: this.alice.address, endpoints: [] },
      ...{ streamId: 0, groups: 0, ...fields },
    };
  }

  /** Alice publishes; services count from 1 in the order of publishing. */
  publish(name: string, fields: Partial<ServiceOffer> = {}): void {
    const body = { kind: "publish_service", name, offer: this.offer(fields) } as const;
    this.story.happens(`alice publishes ${name}`, this.world.bySender(this.alice, body));
  }

  /** Bob's opening on version 1 of a service. */
  opening(serviceId: number, amount: bigint, terms: EscrowTerms = PULL): OperationBody {
    return { kind: "open_escrow", serviceId, version: 1, amount, terms };
  }

  /** Bob opens; the escrow's identifier. */
  begin(name: string, serviceId: number, amount: bigint, terms: EscrowTerms = PULL): Uint8Array {
    const input = this.world.bySender(this.bob, this.opening(serviceId, amount, terms));
    this.story.happens(name, input);
    return this.idOf(input);
  }

  idOf({ at }: HistoryInput, operationIndex = 0): Uint8Array {
    const place = { ...this.world.at, inputIndex: at.inputIndex, operationIndex };
    return computeEscrowId(this.world.crypto, place);
  }

  /** The next input comes this many seconds after the start. */
  at(sec: number): EscrowScene {
    this.world.timestampSec = START_SEC + sec;
    return this;
  }

  by(person: Person, ...bodies: OperationBody[]): HistoryInput {
    return this.world.bySender(person, ...bodies);
  }

  /** Someone signs under nonce 0, Carol sends. */
  async relayed(person: Person, body: Parameters<typeof signedBy>[2]): Promise<HistoryInput> {
    return this.world.send(this.carol, await signedBy(person, 0, body));
  }

  /** A receipt that `signer` signs with viem, as a wallet does. */
  async receipt(
    escrowId: Uint8Array,
    unit: number,
    counts: Partial<Pick<BodyOf<"redeem_receipt">, "messageCount" | "validCount" | "batchId">> = {},
    signer: Person = this.bob,
  ): Promise<BodyOf<"redeem_receipt">> {
    const { messageCount = 0, validCount = 0, batchId = 0 } = counts;
    const signature = await signer.account.signTypedData({
      domain: {
        ...{ name: "tallyroll", version: "2", chainId: CHAIN_ID },
        verifyingContract: toHex(APP),
      },
      types: {
        EscrowReceipt: [
          { name: "escrowId", type: "bytes16" },
          { name: "unit", type: "uint256" },
          { name: "messageCount", type: "uint256" },
          { name: "validCount", type: "uint256" },
        ],
      },
      primaryType: "EscrowReceipt",
      message: {
        escrowId: toHex(escrowId),
        unit: BigInt(unit),
        messageCount: BigInt(messageCount),
        validCount: BigInt(validCount),
      },
    });
    return {
      ...{ kind: "redeem_receipt", escrowId, unit, messageCount, validCount, batchId },
      signature: hexToBytes(signature.slice(2)),
    };
  }
}
