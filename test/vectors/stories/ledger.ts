import { ETHER } from "../../../spec/portals.ts";
import { APP } from "../../arbitraries/world.ts";
import { OTHER_TOKEN, Story, TOKEN } from "./story.ts";

const ZERO_ADDRESS = new Uint8Array(20);

/** Transfers inside and withdrawals by voucher (spec §5.3 and §5.4). */
export async function tellLedger(): Promise<Story> {
  const story = await Story.open(
    "ledger",
    "Alice has 100 wei and 500 units of a token; Bob and Carol have nothing.",
  );
  const { world, alice, bob, carol } = story;
  const transfer = (token: Uint8Array, amount: bigint, to = bob.address) =>
    ({ kind: "transfer", token, to, amount }) as const;
  const withdraw = (token: Uint8Array, amount: bigint, recipient = alice.address) =>
    ({ kind: "withdraw", token, recipient, amount }) as const;

  story.happens("alice deposits 100 wei", world.depositEther(alice, 100n));
  story.happens("alice deposits 500 of a token", world.depositErc20(alice, TOKEN, 500n));

  story.accepts(
    "transfer_ether",
    "§5.3",
    "Alice gives Bob 60 of her 100 wei; Bob need not be known before.",
    world.bySender(alice, transfer(ETHER, 60n)),
  );
  story.accepts(
    "transfer_all",
    "§5.3",
    "A balance may be spent to the last unit; its row stays, with zero.",
    world.bySender(alice, transfer(TOKEN, 500n)),
  );
  story.accepts(
    "transfer_to_self",
    "§5.3",
    "Money sent to oneself is neither doubled nor lost.",
    world.bySender(alice, transfer(ETHER, 100n, alice.address)),
  );
  story.accepts(
    "withdraw_ether",
    "§5.4",
    "Ether leaves by a plain voucher that carries the value.",
    world.bySender(alice, withdraw(ETHER, 100n)),
  );
  story.accepts(
    "withdraw_erc20",
    "§5.4",
    "A token leaves by delegate call to SafeERC20Transfer.",
    world.bySender(alice, withdraw(TOKEN, 1n)),
  );
  story.accepts(
    "withdraw_to_another",
    "§5.4",
    "The recipient of a withdrawal is anybody but the application.",
    world.bySender(alice, withdraw(TOKEN, 500n, carol.address)),
  );
  story.accepts(
    "operations_in_order",
    "§1.4",
    "Operations see what those before them did; outputs come in their order.",
    world.bySender(
      alice,
      transfer(ETHER, 40n),
      withdraw(ETHER, 60n, bob.address),
      transfer(TOKEN, 500n, carol.address),
    ),
  );
  story.refuses(
    "middle_operation_refused",
    "§1.4",
    "A refused operation leaves no trace; those around it apply.",
    world.bySender(alice, transfer(ETHER, 60n), transfer(ETHER, 41n), withdraw(ETHER, 40n)),
    "balance_too_low",
  );
  story.refuses(
    "all_operations_refused",
    "§1.4",
    "Where none applies, the input is rejected, with a report for each.",
    world.bySender(carol, transfer(ETHER, 1n), withdraw(TOKEN, 1n)),
    "balance_too_low",
    "balance_too_low",
  );

  story.refuses(
    "refused_balance_too_low",
    "§5.3",
    "Nobody gives more than there is.",
    world.bySender(alice, transfer(ETHER, 101n)),
    "balance_too_low",
  );
  story.refuses(
    "refused_balance_of_another_token",
    "§5.3",
    "A balance counts for its own token only.",
    world.bySender(alice, transfer(OTHER_TOKEN, 1n)),
    "balance_too_low",
  );
  story.refuses(
    "refused_amount_zero",
    "§5.3",
    "A transfer of nothing says nothing.",
    world.bySender(alice, transfer(ETHER, 0n)),
    "amount_zero",
  );
  story.refuses(
    "refused_recipient_not_payable",
    "§5.3",
    "Nobody holds the key of the zero address.",
    world.bySender(alice, transfer(ETHER, 1n, ZERO_ADDRESS)),
    "recipient_not_payable",
  );
  story.refuses(
    "refused_withdraw_balance_too_low",
    "§5.4",
    "Nobody takes out more than there is.",
    world.bySender(alice, withdraw(TOKEN, 501n)),
    "balance_too_low",
  );
  story.refuses(
    "refused_withdraw_amount_zero",
    "§5.4",
    "A voucher over nothing would cost gas for nothing.",
    world.bySender(alice, withdraw(ETHER, 0n)),
    "amount_zero",
  );
  story.refuses(
    "refused_withdraw_to_zero_address",
    "§5.4",
    "Tokens refuse the zero address, so that the voucher could never be executed.",
    world.bySender(alice, withdraw(TOKEN, 1n, ZERO_ADDRESS)),
    "recipient_not_payable",
  );
  story.refuses(
    "refused_withdraw_to_application",
    "§5.4",
    "What the application pays itself would belong to nobody.",
    world.bySender(alice, withdraw(ETHER, 1n, APP)),
    "recipient_not_payable",
  );
  return story;
}
