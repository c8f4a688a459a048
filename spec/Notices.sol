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
    function StateCommitted(uint256 inputIndex, bytes32 inputHash, bytes32 previousRoot, bytes32 root)
        external;

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
        string calldata name
    ) external;
    function EpochRotated(uint256 streamId, uint256 epoch, bytes32[] calldata epochKeyHashes)
        external;

    /// @param batchHash SHA-256 of the bytes the device signed.
    /// @param previousHash The stream's batch before it; zero for the first one and after a break.
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
}
