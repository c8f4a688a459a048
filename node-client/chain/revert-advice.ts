import type { ERRORS_ABI } from "./contracts.ts";

/** Names of all custom errors that we know. */
export type RevertName = (typeof ERRORS_ABI)[number]["name"];

/** What a contract's refusal means, and what to do. */
type RevertAdvice = readonly [shortMessage: string, whatToDo: string];

type Advise = (args: readonly unknown[]) => RevertAdvice;

/** Nothing the caller can have done wrong. */
const OUR_BUG = "Report this: the program should not have sent such a call.";

/** One line for each custom error of the contracts; a test holds it to `ERRORS_ABI`. */
export const REVERT_ADVICE: { readonly [name in RevertName]: Advise } = {
  InputTooLarge: ([, length, max]) => [
    `The input is too large: ${length} bytes, and the InputBox takes ${max}.`,
    "Send less at once, for example fewer readings a batch.",
  ],
  EtherTransferFailed: () => [
    "The application did not take the ether of the deposit.",
    "Check the application's address: only a contract of this line takes deposits.",
  ],
  ERC20TransferFailed: () => [
    "The token's contract said no to the transfer.",
    "Check your balance and allowance of this token; some tokens refuse certain accounts.",
  ],
  InsufficientFunds: ([value, balance]) => [
    `The application holds ${balance} wei and the voucher pays ${value}.`,
    "Wait until more ether has been deposited, then execute the voucher again: it stays valid.",
  ],
  InvalidOutputHashesSiblingsArrayLength: () => [
    "The proof of the output does not have 63 hashes.",
    "Ask the node for the output's proof anew.",
  ],
  InvalidOutputsMerkleRoot: ([root]) => [
    `The claim of the output's epoch is not accepted yet (root ${root}).`,
    "Wait until the epoch has ended and its claim is accepted; if it was, ask the node for the proof anew.",
  ],
  OutputNotExecutable: () => [
    "This output is a notice: there is nothing to execute.",
    "Execute vouchers only.",
  ],
  OutputNotReexecutable: () => [
    "This voucher was executed already.",
    "Do nothing: what it pays was paid.",
  ],
  NotEpochFinalBlock: ([block, length]) => [
    `Block ${block} does not end an epoch of ${length} blocks.`,
    OUR_BUG,
  ],
  NotFirstClaim: ([, block]) => [
    `There is a claim already for the epoch that ends at block ${block}.`,
    "Do nothing if it is the same claim; an Authority accepts no second one.",
  ],
  NotPastBlock: ([block, current]) => [
    `The epoch ends at block ${block}, and the chain is at ${current}.`,
    "Wait until the epoch's last block is past.",
  ],
  OwnableInvalidOwner: ([owner]) => [
    `${owner} cannot be the owner.`,
    "Name an account that can sign.",
  ],
  OwnableUnauthorizedAccount: ([account]) => [
    `${account} does not own this contract, and only its owner may do this.`,
    "Use the owner's key: by default the account that deployed the application.",
  ],
  ReentrancyGuardReentrantCall: () => [
    "The voucher's destination called the application back while it was being executed.",
    "Do not execute this voucher through a contract that calls back.",
  ],
  SafeERC20FailedOperation: ([token]) => [
    `The token ${token} refused the transfer.`,
    "Check that the application holds enough of it, then execute the voucher again: it stays valid.",
  ],
  FailedCall: () => [
    "A call inside the transaction failed.",
    "Check the destination: it refused what it was sent.",
  ],
  FailedDeployment: () => [
    "The contract could not be created.",
    "Try another salt: this one may be used up.",
  ],
  InsufficientBalance: ([balance, needed]) => [
    `The contract holds ${balance} wei and needs ${needed}.`,
    "Wait until it holds enough.",
  ],
  ERC20InsufficientBalance: ([sender, balance, needed]) => [
    `${sender} holds ${balance} base units of the token and needs ${needed}.`,
    "Get more of the token first, or send less.",
  ],
  ERC20InvalidSender: ([sender]) => [`The token takes no transfer from ${sender}.`, OUR_BUG],
  ERC20InvalidReceiver: ([receiver]) => [
    `The token takes no transfer to ${receiver}.`,
    "Name another recipient.",
  ],
  ERC20InsufficientAllowance: ([spender, allowance, needed]) => [
    `${spender} may move ${allowance} base units of your token and needs ${needed}.`,
    "Approve first: the ERC-20 portal moves the tokens of a deposit for you.",
  ],
  ERC20InvalidApprover: ([approver]) => [`The token takes no approval from ${approver}.`, OUR_BUG],
  ERC20InvalidSpender: ([spender]) => [
    `The token takes no approval for ${spender}.`,
    "Name another spender.",
  ],
  NotSubmissionAccepted: () => [
    "The output is not the notice of an accepted submission.",
    "Take the output of the batch's notice SubmissionAccepted.",
  ],
  ReadingCountWrong: ([noticed, given]) => [
    `The proof is of a batch of ${given} readings, and the notice's batch has ${noticed}.`,
    "Take proof and notice of the same batch.",
  ],
  ReadingNotCommitted: () => [
    "The notice's commitment does not contain this reading at this place.",
    "Take proof and notice of the same batch, and the reading as it was submitted.",
  ],
  ReadingTimeOutsideBatch: ([firstTime, lastTime, time]) => [
    `The reading says time ${time}, its batch ${firstTime} to ${lastTime}: its device signed two times.`,
    "Do not rely on this reading; if you bought the batch, challenge it.",
  ],
  LeafMalformed: () => [
    "The reading has no integer at that place.",
    "Ask for metrics of the proven key group that are integers, by their number in the group.",
  ],
};
