import { concatHex, pad, parseAbi, toEventSelector, toFunctionSelector } from "viem";
import type { Hex } from "../../spec/outputs.ts";
import { PORTALS, SAFE_ERC20_TRANSFER } from "../../spec/portals.ts";

/**
 * The one place that knows which line of Cartesi's rollups-contracts we speak: 2.2.0. Addresses
 * follow from the line's creation code (CREATE2, salt 0), so another line has other addresses.
 */
export const CONTRACTS_LINE = "2.2.0";

/** Addresses of the line on every chain, lower case. A test computes them from the creation code. */
export const CONTRACTS = {
  inputBox: "0x1b51e2992a2755ba4d6f7094032df91991a0cfac",
  etherPortal: `0x${PORTALS.ether}`,
  erc20Portal: `0x${PORTALS.erc20}`,
  erc721Portal: `0x${PORTALS.erc721}`,
  erc1155SinglePortal: `0x${PORTALS.erc1155_single}`,
  erc1155BatchPortal: `0x${PORTALS.erc1155_batch}`,
  safeErc20Transfer: SAFE_ERC20_TRANSFER,
  applicationFactory: "0x26e758238cb6ec5ab70ce0dd52af2d7b82e1972e",
  authorityFactory: "0x5e96408cfe423b01daded3bc867e6013135990cc",
  quorumFactory: "0x1c91ba8aa5648cdac77e97eac781447c646ef239",
  selfHostedApplicationFactory: "0x010d3cbb4223f5bcc7b7b03cee59f3aaea8edb8a",
} as const satisfies Record<string, Hex>;

export type ContractName = keyof typeof CONTRACTS;

/** Bytes of an input's EvmAdvance blob that the InputBox takes at most. */
export const INPUT_BYTES_MAX = 65_536;

/**
 * Every custom error that a call of ours can end with, whichever contract beneath raised it:
 * the line's own, OpenZeppelin's Ownable, ReentrancyGuard, SafeERC20 and ERC-20, and those of
 * `spec/ClaimedReading.sol`. Part of each ABI below, so that viem names them.
 */
export const ERRORS_ABI = parseAbi([
  "error InputTooLarge(address appContract, uint256 inputLength, uint256 maxInputLength)",
  "error EtherTransferFailed()",
  "error ERC20TransferFailed()",
  "error InsufficientFunds(uint256 value, uint256 balance)",
  "error InvalidOutputHashesSiblingsArrayLength()",
  "error InvalidOutputsMerkleRoot(bytes32 outputsMerkleRoot)",
  "error OutputNotExecutable(bytes output)",
  "error OutputNotReexecutable(bytes output)",
  "error NotEpochFinalBlock(uint256 lastProcessedBlockNumber, uint256 epochLength)",
  "error NotFirstClaim(address appContract, uint256 lastProcessedBlockNumber)",
  "error NotPastBlock(uint256 lastProcessedBlockNumber, uint256 currentBlockNumber)",
  "error OwnableInvalidOwner(address owner)",
  "error OwnableUnauthorizedAccount(address account)",
  "error ReentrancyGuardReentrantCall()",
  "error SafeERC20FailedOperation(address token)",
  "error FailedCall()",
  "error FailedDeployment()",
  "error InsufficientBalance(uint256 balance, uint256 needed)",
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InvalidSender(address sender)",
  "error ERC20InvalidReceiver(address receiver)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC20InvalidApprover(address approver)",
  "error ERC20InvalidSpender(address spender)",
  "error NotSubmissionAccepted()",
  "error ReadingCountWrong(uint256 noticed, uint256 given)",
  "error ReadingNotCommitted()",
  "error ReadingTimeOutsideBatch(uint256 firstTime, uint256 lastTime, uint256 time)",
  "error LeafMalformed()",
]);

export const INPUT_BOX_ABI = [
  ...parseAbi([
    "function addInput(address appContract, bytes payload) returns (bytes32)",
    "function getNumberOfInputs(address appContract) view returns (uint256)",
    "function getInputHash(address appContract, uint256 index) view returns (bytes32)",
    "function getDeploymentBlockNumber() view returns (uint256)",
    "event InputAdded(address indexed appContract, uint256 indexed index, bytes input)",
  ]),
  ...ERRORS_ABI,
] as const;

/** What each portal offers under its own name; each address has only its own function. */
export const PORTAL_ABI = [
  ...parseAbi([
    "function depositEther(address appContract, bytes execLayerData) payable",
    "function depositERC20Tokens(address token, address appContract, uint256 value, bytes execLayerData)",
  ]),
  ...ERRORS_ABI,
] as const;

/** `IConsensus`, what an Authority adds (`owner`) and what a Quorum adds (its validators). */
export const CONSENSUS_ABI = [
  ...parseAbi([
    "function getEpochLength() view returns (uint256)",
    "function getNumberOfAcceptedClaims() view returns (uint256)",
    "function isOutputsMerkleRootValid(address appContract, bytes32 outputsMerkleRoot) view returns (bool)",
    "function submitClaim(address appContract, uint256 lastProcessedBlockNumber, bytes32 outputsMerkleRoot)",
    "function owner() view returns (address)",
    "function numOfValidators() view returns (uint256)",
    "function validatorId(address validator) view returns (uint256)",
    "function isValidatorInFavorOf(address appContract, uint256 lastProcessedBlockNumber, bytes32 outputsMerkleRoot, uint256 id) view returns (bool)",
    "event ClaimAccepted(address indexed appContract, uint256 lastProcessedBlockNumber, bytes32 outputsMerkleRoot)",
  ]),
  ...ERRORS_ABI,
] as const;

export const APPLICATION_ABI = [
  ...parseAbi([
    "struct OutputValidityProof { uint64 outputIndex; bytes32[] outputHashesSiblings; }",
    "function executeOutput(bytes output, OutputValidityProof proof)",
    "function validateOutput(bytes output, OutputValidityProof proof) view",
    "function wasOutputExecuted(uint256 outputIndex) view returns (bool)",
    "function getNumberOfExecutedOutputs() view returns (uint256)",
    "function getTemplateHash() view returns (bytes32)",
    "function getOutputsMerkleRootValidator() view returns (address)",
    "function getDataAvailability() view returns (bytes)",
    "function getDeploymentBlockNumber() view returns (uint256)",
    "function owner() view returns (address)",
    "function migrateToOutputsMerkleRootValidator(address newOutputsMerkleRootValidator)",
    "event OutputExecuted(uint64 outputIndex, bytes output)",
    "event OutputsMerkleRootValidatorChanged(address newOutputsMerkleRootValidator)",
  ]),
  ...ERRORS_ABI,
] as const;

export const SELF_HOSTED_FACTORY_ABI = [
  ...parseAbi([
    "function calculateAddresses(address authorityOwner, uint256 epochLength, address appOwner, bytes32 templateHash, bytes dataAvailability, bytes32 salt) view returns (address application, address authority)",
    "function deployContracts(address authorityOwner, uint256 epochLength, address appOwner, bytes32 templateHash, bytes dataAvailability, bytes32 salt) returns (address application, address authority)",
  ]),
  ...ERRORS_ABI,
] as const;

/** For applications under a Quorum, whose factory does not make the application as well. */
export const FACTORIES_ABI = [
  ...parseAbi([
    "function newQuorum(address[] validators, uint256 epochLength, bytes32 salt) returns (address)",
    "function calculateQuorumAddress(address[] validators, uint256 epochLength, bytes32 salt) view returns (address)",
    "function newApplication(address outputsMerkleRootValidator, address appOwner, bytes32 templateHash, bytes dataAvailability, bytes32 salt) returns (address)",
    "function calculateApplicationAddress(address outputsMerkleRootValidator, address appOwner, bytes32 templateHash, bytes dataAvailability, bytes32 salt) view returns (address)",
  ]),
  ...ERRORS_ABI,
] as const;

/** ERC-20, and the `mint` of our own test token. */
export const ERC20_ABI = [
  ...parseAbi([
    "function name() view returns (string)",
    "function symbol() view returns (string)",
    "function decimals() view returns (uint8)",
    "function totalSupply() view returns (uint256)",
    "function balanceOf(address account) view returns (uint256)",
    "function allowance(address owner, address spender) view returns (uint256)",
    "function approve(address spender, uint256 value) returns (bool)",
    "function transfer(address to, uint256 value) returns (bool)",
    "function transferFrom(address from, address to, uint256 value) returns (bool)",
    "function mint(address to, uint256 value)",
    "event Transfer(address indexed from, address indexed to, uint256 value)",
    "event Approval(address indexed owner, address indexed spender, uint256 value)",
  ]),
  ...ERRORS_ABI,
] as const;

/** First topics of the events that a node follows. */
export const TOPICS = {
  inputAdded: toEventSelector("InputAdded(address,uint256,bytes)"),
  claimAccepted: toEventSelector("ClaimAccepted(address,uint256,bytes32)"),
  outputExecuted: toEventSelector("OutputExecuted(uint64,bytes)"),
  validatorChanged: toEventSelector("OutputsMerkleRootValidatorChanged(address)"),
} as const;

/**
 * What an application says about where its inputs are: the call `InputBox(address)`.
 *
 * @example
 * encodeDataAvailability(CONTRACTS.inputBox); // "0xb12c9ede0000…1b51e2992a…"
 */
export function encodeDataAvailability(inputBox: Hex): Hex {
  return concatHex([toFunctionSelector("InputBox(address)"), pad(inputBox, { size: 32 })]);
}
