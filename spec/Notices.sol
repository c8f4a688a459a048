// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title The notices of tallyroll
/// @notice A notice's payload is the ABI call of one of these functions, so that a contract which
/// has validated a notice decodes it with `abi.decode` behind the selector. Nobody implements
/// them. Tokens: the zero address is Ether. Amounts: base units. Times: Unix seconds.
interface Notices {
    /// @notice Ends every accepted input.
    /// @param inputHash keccak256 of the input's EvmAdvance blob, as the InputBox keeps it.
    /// @param previousRoot The state's root before this input.
    /// @param root The state's root after it.
    /// @param outcomes Two bytes an operation, in their order; a deposit is one. Below 0x8000: how
    /// many of the input's outputs are its own. From there on: 0x8000 and its refusal's code.
    function StateCommitted(
        uint256 inputIndex,
        bytes32 inputHash,
        bytes32 previousRoot,
        bytes32 root,
        bytes calldata outcomes
    ) external;

    function Deposited(address account, address token, uint256 amount) external;
    /// @notice An asset the application does not keep goes back to its sender by voucher.
    function DepositReturned(address account, address token) external;
    function Transferred(address from, address to, address token, uint256 amount) external;
    function Withdrawn(address account, address recipient, address token, uint256 amount) external;

    function DeviceRegistered(uint256 deviceId, address owner, string calldata did) external;
    function DeviceKeyRotated(uint256 deviceId, string calldata did) external;
    function DeviceRevoked(uint256 deviceId) external;

    function StreamDeclared(
        uint256 streamId,
        uint256 deviceId,
        bool isSealed,
        uint256 groupCount,
        uint256 retention,
        string calldata name
    ) external;
    function EpochRotated(uint256 streamId, uint256 epoch, bytes32[] calldata epochKeyHashes)
        external;

    /// @param batchHash SHA-256 of the bytes the device signed.
    /// @param previousHash The stream's batch before it; zero for the first one, the floor for a
    /// declared break.
    /// @param commitment RFC 9162 root over the batch's key groups; see ReadingVerifier.
    function SubmissionAccepted(
        uint256 batchId,
        uint256 streamId,
        uint256 epoch,
        uint256 firstSequence,
        uint256 count,
        uint256 firstTime,
        uint256 lastTime,
        bool isBreak,
        bytes32 batchHash,
        bytes32 previousHash,
        bytes32 commitment
    ) external;

    function EncryptionKeyRegistered(address account, bytes32 key) external;
    function Granted(
        uint256 grantId,
        uint256 streamId,
        uint256 epoch,
        uint256 groups,
        address buyer,
        uint256 expiresAt
    ) external;
    function GrantRevoked(uint256 grantId, uint256 streamId, uint256 epoch, address buyer) external;
    /// @notice The device committed to something else than it sealed: proven by the batch key.
    function BatchDisproved(uint256 batchId, uint256 streamId, uint256 group, address challenger)
        external;

    /// @notice What the poke itself did, beyond what the head of its input had done.
    function RetentionPoked(uint256 archivedCount, uint256 foldedCount) external;

    function LowBalanceSet(address account, address token, uint256 threshold) external;
    /// @notice A balance fell below the threshold that its account set.
    function BalanceLow(
        address account,
        address token,
        uint256 balance,
        uint256 threshold
    ) external;
    /// @notice Wei for bytes that an operation added to a state that is half full.
    function BondLocked(address account, uint256 byteCount, uint256 amount) external;
    function BondReleased(address account, uint256 byteCount, uint256 amount) external;
    function BondWithdrawn(address account, uint256 amount) external;
    /// @notice `payments`: 0 MPE's bytes, 1 EIP-712, 2 both.
    function ChannelOpened(
        uint256 channelId,
        address sender,
        address signer,
        address recipient,
        bytes32 groupId,
        address token,
        uint256 value,
        uint256 expirationBlock,
        uint256 payments,
        uint256 lanes
    ) external;
    function ChannelFunded(uint256 channelId, address funder, uint256 amount) external;
    function ChannelExtended(uint256 channelId, uint256 expirationBlock) external;
    /// @notice `nonce` is the claimed payment's own. Sent back: to the sender, ends the generation.
    function ChannelClaimed(
        uint256 channelId,
        uint256 nonce,
        address recipient,
        uint256 claimAmount,
        uint256 plannedAmount,
        uint256 sendBackAmount,
        uint256 keepAmount
    ) external;
    function LaneRedeemed(
        uint256 channelId,
        uint256 generation,
        uint256 lane,
        address recipient,
        uint256 amount,
        uint256 cumulative,
        uint256 sendBackAmount,
        uint256 keepAmount
    ) external;
    /// @notice `nonce` is the one that ended.
    function ChannelTimedOut(
        uint256 channelId,
        uint256 nonce,
        address sender,
        uint256 amount
    ) external;
    function OrganizationPut(
        address owner,
        string calldata organization,
        string calldata name
    ) external;
    function PaymentGroupPut(
        bytes32 groupId,
        address paymentAddress,
        string calldata organization,
        string calldata name
    ) external;
    /// @notice Version 1 is the publication, any other an update. `streamId` 0: no stream.
    function ServicePublished(
        uint256 serviceId,
        uint256 version,
        address provider,
        address token,
        uint256 price,
        bool isPubsub,
        uint256 streamId,
        string calldata name
    ) external;
    function ServiceWithdrawn(uint256 serviceId) external;
    function EscrowOpened(
        bytes16 escrowId,
        bytes32 ect,
        address buyer,
        uint256 serviceId,
        uint256 version,
        uint256 price,
        uint256 amount
    ) external;
    function IntentOpened(
        bytes16 escrowId,
        bytes32 ect,
        address buyer,
        address token,
        uint256 ceiling,
        uint256 amount,
        string calldata tag
    ) external;
    function IntentAccepted(
        bytes16 escrowId,
        address provider,
        uint256 serviceId,
        uint256 version,
        uint256 price,
        uint256 returned
    ) external;
    /// @notice `commitment` is the batch's where there is a batch.
    function UnitDelivered(
        bytes16 escrowId,
        uint256 unit,
        uint256 batchId,
        bytes32 commitment,
        uint256 answerUntil
    ) external;
    function SessionStarted(
        bytes16 escrowId,
        uint256 unit,
        uint256 startedAt,
        uint256 endsAt
    ) external;
    function SessionAnchored(
        bytes16 escrowId,
        uint256 unit,
        bytes32 root,
        uint256 messageCount,
        uint256 validCount,
        uint256 answerUntil
    ) external;
    function UnitDisputed(
        bytes16 escrowId,
        uint256 unit,
        address arbiter,
        uint256 arbitrationUntil
    ) external;
    /// @notice An arbiter's split releases one unit for a part of its price.
    function UnitsReleased(
        bytes16 escrowId,
        uint256 firstUnit,
        uint256 count,
        address payee,
        uint256 amount
    ) external;
    function UnitRefunded(bytes16 escrowId, uint256 unit, uint256 amount) external;
    function EscrowFunded(bytes16 escrowId, address from, uint256 amount, bool isAutoFill) external;
    function AutoFillSet(bytes16 escrowId, uint256 limit) external;
    /// @notice What is held, with what may be filled, does not pay the next unit.
    function EscrowLow(bytes16 escrowId, uint256 held, uint256 price) external;
    function EscrowEnding(bytes16 escrowId, uint256 endsAt) external;
    /// @notice `ending`: 1 released, 2 refunded, 3 expired. `returned` went back to the buyer now.
    function EscrowClosed(bytes16 escrowId, uint256 ending, uint256 returned) external;
}
