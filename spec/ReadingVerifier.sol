// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title Proofs that one device reading is part of a batch's commitment
/// @notice The on-chain twin of `reading-proof.ts` and `leaves.ts` (spec §3.5), for contracts
/// that act on a reading: take the commitment from a notice that the application's output tree
/// proves, check the reading against it, then read its fields. A time in the leaf that the notice's
/// `firstTime` and `lastTime` do not span is a device's second word: `ClaimedReading` refuses it.
/// @dev Trees are those of RFC 9162 §2.1 over SHA-256. `internal` functions, so that a contract that
/// uses them needs no linking; `ReadingVerifier` below offers the same to other contracts.
library Readings {
    /// @notice The bytes are not a leaf, have no such field, or the field is not of that kind.
    error LeafMalformed();

    /// @dev Bytes of salt in front of a leaf's fields.
    uint256 internal constant SALT_BYTES = 16;
    /// @dev First byte of an absent value.
    uint8 internal constant FIELD_NULL = 0xff;
    uint256 internal constant INTEGER_BYTES_MAX = 7;
    uint256 internal constant TEXT_BYTES_MAX = 200;
    /// @dev Largest magnitude of a stored integer.
    int256 internal constant METRIC_VALUE_MAX = 2 ** 49;

    /// @notice Whether `commitment` contains this reading. Never reverts on malformed proofs.
    /// @dev The counts are claims, not part of the commitment. A caller that relies on an index must
    /// have the counts from where the commitment came from.
    /// @param commitment The batch's commitment: root over the leaves keyHash ‖ groupRoot.
    /// @param groupIndex Which key group of the stream the reading's metrics belong to.
    /// @param groupCount Key groups of the stream.
    /// @param keyHash Hash of the key that the group is sealed with.
    /// @param groupPath Sibling hashes from the group's leaf upwards.
    /// @param leaf The reading: salt ‖ time ‖ one field a metric of the group.
    /// @param readingIndex Position of the reading in the batch.
    /// @param readingCount Readings in the batch.
    /// @param readingPath Sibling hashes from the reading's leaf upwards.
    function verifyReading(
        bytes32 commitment,
        uint256 groupIndex,
        uint256 groupCount,
        bytes32 keyHash,
        bytes32[] memory groupPath,
        bytes memory leaf,
        uint256 readingIndex,
        uint256 readingCount,
        bytes32[] memory readingPath
    ) internal pure returns (bool) {
        (bool isInGroup, bytes32 groupRoot) = computeRootFromPath(
            sha256(abi.encodePacked(bytes1(0x00), leaf)), readingIndex, readingCount, readingPath
        );
        if (!isInGroup) return false;
        (bool isInBatch, bytes32 root) = computeRootFromPath(
            sha256(abi.encodePacked(bytes1(0x00), keyHash, groupRoot)),
            groupIndex,
            groupCount,
            groupPath
        );
        return isInBatch && root == commitment;
    }

    /// @notice The root that an inclusion proof leads to (RFC 9162 §2.1.3.2).
    /// @param leafHash SHA-256(0x00 ‖ leaf).
    /// @return isValid False when the index is not in the tree or the path has not that leaf's length.
    /// @return root Meaningless unless `isValid`.
    function computeRootFromPath(
        bytes32 leafHash,
        uint256 index,
        uint256 size,
        bytes32[] memory path
    ) internal pure returns (bool isValid, bytes32 root) {
        if (index >= size) return (false, 0);
        // The RFC's fn and sn: the node's and the last node's number on the current level.
        uint256 node = index;
        uint256 last = size - 1;
        root = leafHash;
        for (uint256 i = 0; i < path.length; i++) {
            if (last == 0) return (false, 0);
            if (node & 1 == 1 || node == last) {
                root = sha256(abi.encodePacked(bytes1(0x01), path[i], root));
                // A last node without a right sibling moves up until it has a left one.
                while (node & 1 == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                root = sha256(abi.encodePacked(bytes1(0x01), root, path[i]));
            }
            node >>= 1;
            last >>= 1;
        }
        return (last == 0, root);
    }

    /// @notice An integer field of a leaf. Field 0 is the time in Unix seconds, field m + 1 is the
    /// group's metric m; a metric's value is the integer ÷ 10^scale of its declaration.
    /// @dev Reverts with `LeafMalformed` on anything that no leaf has there. Metrics are not typed on
    /// the wire: whether a field is an integer is for the stream's declaration to say.
    /// @return isNull The reading has no value of this metric; `value` is then 0.
    function decodeIntegerField(bytes memory leaf, uint256 fieldIndex)
        internal
        pure
        returns (bool isNull, int256 value)
    {
        uint256 cursor;
        uint256 byteCount;
        (isNull, cursor, byteCount) = findField(leaf, fieldIndex);
        if (isNull) return (true, 0);
        if (byteCount == 0 || byteCount > INTEGER_BYTES_MAX) revert LeafMalformed();
        value = uint8(leaf[cursor]) >= 0x80 ? int256(-1) : int256(0);
        for (uint256 i = 0; i < byteCount; i++) {
            value = value * 256 + int256(uint256(uint8(leaf[cursor + i])));
        }
        if (value > METRIC_VALUE_MAX || value < -METRIC_VALUE_MAX) revert LeafMalformed();
        // Minimal: one byte less could not hold it.
        if (byteCount > 1) {
            int256 bound = int256(1) << (8 * (byteCount - 1) - 1);
            if (value >= -bound && value < bound) revert LeafMalformed();
        }
    }

    /// @notice A text field of a leaf, UTF-8. Fields are counted as in `decodeIntegerField`.
    /// @dev Reverts with `LeafMalformed` on anything too short or long; does not check the UTF-8,
    /// which the commitment's maker has to answer for.
    /// @return isNull The reading has no value of this metric; `text` is then empty.
    function decodeTextField(bytes memory leaf, uint256 fieldIndex)
        internal
        pure
        returns (bool isNull, string memory text)
    {
        uint256 cursor;
        uint256 byteCount;
        (isNull, cursor, byteCount) = findField(leaf, fieldIndex);
        if (isNull) return (true, "");
        if (byteCount > TEXT_BYTES_MAX) revert LeafMalformed();
        bytes memory body = new bytes(byteCount);
        for (uint256 i = 0; i < byteCount; i++) {
            body[i] = leaf[cursor + i];
        }
        return (false, string(body));
    }

    /// @dev Every field starts with its length, or with 0xff when absent, so fields are skipped
    /// without knowing what they are.
    function findField(bytes memory leaf, uint256 fieldIndex)
        private
        pure
        returns (bool isNull, uint256 cursor, uint256 byteCount)
    {
        cursor = SALT_BYTES;
        for (uint256 i = 0;; i++) {
            if (cursor >= leaf.length) revert LeafMalformed();
            uint8 head = uint8(leaf[cursor]);
            cursor += 1;
            isNull = head == FIELD_NULL;
            byteCount = isNull ? 0 : head;
            if (cursor + byteCount > leaf.length) revert LeafMalformed();
            if (i == fieldIndex) return (isNull, cursor, byteCount);
            cursor += byteCount;
        }
    }
}

/// @title Deployed form of `Readings`
/// @notice Stateless; every function documents itself in the library.
contract ReadingVerifier {
    /// @notice See `Readings.verifyReading`.
    function verifyReading(
        bytes32 commitment,
        uint256 groupIndex,
        uint256 groupCount,
        bytes32 keyHash,
        bytes32[] memory groupPath,
        bytes memory leaf,
        uint256 readingIndex,
        uint256 readingCount,
        bytes32[] memory readingPath
    ) external pure returns (bool) {
        return Readings.verifyReading(
            commitment,
            groupIndex,
            groupCount,
            keyHash,
            groupPath,
            leaf,
            readingIndex,
            readingCount,
            readingPath
        );
    }

    /// @notice See `Readings.decodeIntegerField`.
    function decodeIntegerField(bytes calldata leaf, uint256 fieldIndex)
        external
        pure
        returns (bool isNull, int256 value)
    {
        return Readings.decodeIntegerField(leaf, fieldIndex);
    }

    /// @notice See `Readings.decodeTextField`.
    function decodeTextField(bytes calldata leaf, uint256 fieldIndex)
        external
        pure
        returns (bool isNull, string memory text)
    {
        return Readings.decodeTextField(leaf, fieldIndex);
    }
}
