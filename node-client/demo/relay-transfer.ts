import { formatEther } from "viem";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { ETHER } from "../../spec/portals.ts";
import { signOperation } from "../actions/sign-operation.ts";
import { check, type DemoWorld, type Person } from "./demo-world.ts";
import type { Scene } from "./submit-readings.ts";

const DEPOSIT_WEI = 10n ** 18n;
const PRICE_WEI = 25n * 10n ** 16n;

/** The buyer pays the owner by a signature that somebody else carries, and carries only once. */
export async function relayTransfer(world: DemoWorld, scene: Scene): Promise<string[]> {
  const { buyer, owner, relayer } = scene;
  world.depositEther(buyer, DEPOSIT_WEI);
  const { nonce } = world.ask<{ nonce: number }>("account", { account: addressOf(buyer) });
  const operation = await signOperation(
    buyer.account,
    { ...world.at, nonce, deadlineSec: world.deadlineSec },
    { kind: "transfer", token: ETHER, to: owner.address, amount: PRICE_WEI },
  );
  world.relay(relayer, operation);
  check(balanceOf(world, owner) === PRICE_WEI, "the owner was paid");
  check(balanceOf(world, buyer) === DEPOSIT_WEI - PRICE_WEI, "the buyer paid, and no more");
  check(balanceOf(world, relayer) === 0n, "the relayer got nothing");

  const again = world.apply(relayer.address, encodePlainEnvelope([operation]));
  check(again.status === "rejected", "a relayed operation applies once");
  return [
    `the buyer signs (EIP-712) a transfer of ${formatEther(PRICE_WEI)} Ether; a relayer sends it`,
    `owner ${formatEther(PRICE_WEI)}, buyer ${formatEther(DEPOSIT_WEI - PRICE_WEI)} Ether`,
    "the relayer sends it again: refused, its nonce is used",
  ];
}

const addressOf = (person: Person): string => person.account.address.toLowerCase();

function balanceOf(world: DemoWorld, person: Person): bigint {
  const token = `0x${"00".repeat(20)}`;
  const fields = { account: addressOf(person), token };
  return BigInt(world.ask<{ amount: string }>("balance", fields).amount);
}
