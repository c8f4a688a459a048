// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Notices} from "./Notices.sol";
import {Readings} from "./ReadingVerifier.sol";

/// @notice What is asked of an application contract (rollups-contracts 2.2.0, `IApplication`).
interface IOutputValidator {
    struct OutputValidityProof {
        uint64 outputIndex;
        bytes32[] outputHashesSiblings;
    }

    /// @dev Reverts unless an accepted claim's output tree has this output at that index.
    function validateOutput(bytes calldata output, OutputValidityProof calldata proof) external view;
}

/// @title A device reading, all the way from a claimed epoch
/// @notice Two proofs in one call: the application's claimed output tree has the notice
/// `SubmissionAccepted`, and the commitment in that notice has the reading. What comes out is as
/// true as the application's consensus is honest, and says what the device signed, not that the
/// device measured right.
/// @dev Stateless. A contract that acts on a reading must choose the application itself: anybody
/// can make one whose outputs say anything. The machine compares an open stream's readings with
/// their commitment; what a sealed batch holds is its device's word until somebody challenges it.
contract ClaimedReading {
    /// @notice As `ReadingProof` of `reading-proof.ts`.
    struct ReadingProof {
        uint256 groupIndex;
        uint256 groupCount;
        bytes32 keyHash;
        bytes32[] groupPath;
        bytes leaf;
        uint256 readingIndex;
        uint256 readingCount;
        bytes32[] readingPath;
    }

    /// @notice The arguments of the notice, in its order.
    struct Submission {
        uint256 batchId;
        uint256 streamId;
        uint256 epoch;
        uint256 firstSequence;
        uint256 count;
        uint256 firstTime;
        uint256 lastTime;
        bool isBreak;
        bytes32 batchHash;
        bytes32 previousHash;
        bytes32 commitment;
    }

    /// @notice What was proven. A metric's value is the integer ÷ 10^scale of its declaration.
    struct Reading {
        uint256 streamId;
        uint256 epoch;
        uint256 batchId;
        uint256 sequence;
        /// Unix seconds, as the device says, within its batch's `firstTime` to `lastTime`.
        uint256 time;
        /// Which key group the metrics are of: holds only if the stream has `groupCount` of them,
        /// which no notice of a batch says. Compare both with the stream's declaration.
        uint256 groupIndex;
        uint256 groupCount;
        /// Whether the reading has no value of the metric asked for; the value is then 0.
        bool[] isNull;
        int256[] values;
    }

    /// @notice A reading was proven to this contract.
    /// @param metrics Which metrics of the key group `values` are of.
    event ReadingProven(
        address indexed application,
        uint256 indexed streamId,
        uint256 indexed sequence,
        uint256 time,
        uint256 groupIndex,
        uint256 groupCount,
        uint256[] metrics,
        bool[] isNull,
        int256[] values
    );

    /// @notice The output is no notice, or not that of an accepted submission.
    error NotSubmissionAccepted();
    /// @notice The proof is of a batch with another number of readings than the notice says.
    error ReadingCountWrong(uint256 noticed, uint256 given);
    /// @notice The notice's commitment does not contain this reading at this place.
    error ReadingNotCommitted();
    /// @notice The leaf says a time that its batch's notice does not span: the device signed two.
    error ReadingTimeOutsideBatch(uint256 firstTime, uint256 lastTime, uint256 time);

    bytes4 private constant NOTICE_SELECTOR = bytes4(keccak256("Notice(bytes)"));
    /// @dev Selector and eleven words.
    uint256 private constant PAYLOAD_BYTES = 4 + 11 * 32;
    /// @dev Selector, offset and length in front of the payload.
    uint256 private constant PAYLOAD_AT = 4 + 64;
    /// @dev The payload padded to whole words.
    uint256 private constant OUTPUT_BYTES = PAYLOAD_AT + 12 * 32;

    /// @notice Proves a reading and says what it is.
    /// @dev Reverts with the application's errors, such as `InvalidOutputsMerkleRoot` before the
    /// epoch's claim is accepted, with those above, and with `Readings.LeafMalformed`.
    /// @param application Whose claim it is; the caller answers for its honesty.
    /// @param output The notice as an output: the call `Notice(bytes)`.
    /// @param outputProof Where the output is in the claimed tree.
    /// @param proof The reading and its place in the batch.
    /// @param metrics Which metrics of the key group to return, counted from 0. Only integers can be
    /// read, and a short text looks like one: which are, the stream's declaration says.
    function readClaimed(
        IOutputValidator application,
        bytes calldata output,
        IOutputValidator.OutputValidityProof calldata outputProof,
        ReadingProof calldata proof,
        uint256[] calldata metrics
    ) public view returns (Reading memory reading) {
        application.validateOutput(output, outputProof);
        Submission memory submission = decodeSubmission(output);
        if (proof.readingCount != submission.count) {
            revert ReadingCountWrong(submission.count, proof.readingCount);
        }
        if (!isCommitted(submission.commitment, proof)) revert ReadingNotCommitted();
        reading.streamId = submission.streamId;
        reading.epoch = submission.epoch;
        reading.batchId = submission.batchId;
        reading.sequence = submission.firstSequence + proof.readingIndex;
        reading.groupIndex = proof.groupIndex;
        reading.groupCount = proof.groupCount;
        bytes memory leaf = proof.leaf;
        reading.time = decodeTime(leaf, submission);
        reading.isNull = new bool[](metrics.length);
        reading.values = new int256[](metrics.length);
        for (uint256 i = 0; i < metrics.length; i++) {
            (reading.isNull[i], reading.values[i]) =
                Readings.decodeIntegerField(leaf, metrics[i] + 1);
        }
    }

    /// @notice As `readClaimed`, and leaves an event behind.
    function proveClaimed(
        IOutputValidator application,
        bytes calldata output,
        IOutputValidator.OutputValidityProof calldata outputProof,
        ReadingProof calldata proof,
        uint256[] calldata metrics
    ) external returns (Reading memory reading) {
        reading = readClaimed(application, output, outputProof, proof, metrics);
        emit ReadingProven(
            address(application),
            reading.streamId,
            reading.sequence,
            reading.time,
            reading.groupIndex,
            reading.groupCount,
            metrics,
            reading.isNull,
            reading.values
        );
    }

    /// @dev Field 0 of a leaf. Of a sealed batch the machine has seen the times, but not the leaves.
    function decodeTime(bytes memory leaf, Submission memory submission)
        private
        pure
        returns (uint256 time)
    {
        (bool isNull, int256 value) = Readings.decodeIntegerField(leaf, 0);
        if (isNull || value < 0) revert Readings.LeafMalformed();
        time = uint256(value);
        if (time < submission.firstTime || time > submission.lastTime) {
            revert ReadingTimeOutsideBatch(submission.firstTime, submission.lastTime, time);
        }
    }

    /// @dev Only the one encoding that the application emits is read.
    function decodeSubmission(bytes calldata output) private pure returns (Submission memory) {
        if (output.length != OUTPUT_BYTES || bytes4(output) != NOTICE_SELECTOR) {
            revert NotSubmissionAccepted();
        }
        (uint256 offset, uint256 size) = abi.decode(output[4:PAYLOAD_AT], (uint256, uint256));
        bytes calldata payload = output[PAYLOAD_AT:PAYLOAD_AT + PAYLOAD_BYTES];
        if (
            offset != 32 || size != PAYLOAD_BYTES
                || bytes4(payload) != Notices.SubmissionAccepted.selector
        ) revert NotSubmissionAccepted();
        return abi.decode(payload[4:], (Submission));
    }

    function isCommitted(bytes32 commitment, ReadingProof calldata proof)
        private
        pure
        returns (bool)
    {
        return Readings.verifyReading(
            commitment,
            proof.groupIndex,
            proof.groupCount,
            proof.keyHash,
            proof.groupPath,
            proof.leaf,
            proof.readingIndex,
            proof.readingCount,
            proof.readingPath
        );
    }
}
