package dev.taskqueue.crontab;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.jspecify.annotations.Nullable;

/**
 * The id of the job that a row's slot becomes: the same on each node and after each
 * crash.
 */
final class SlotId {

	private static final int DIGEST_BYTES = 12;

	private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();

	private SlotId() {
	}

	/**
	 * The id. It begins with the slot's second, so that jobs of one minute lie side by
	 * side in the index.
	 * @param row the row as read
	 * @param slot the row's time
	 * @return 32 hexadecimal digits
	 */
	static String of(BsonDocument row, Instant slot) {
		// the job's id as read sets apart a row that its owner armed again with one time
		BsonDocument facts = new BsonDocument(RowFields.ID, orNull(row.get(RowFields.ID)))
			.append(RowFields.TIME, orNull(row.get(RowFields.TIME)))
			.append(RowFields.JOB_ID, orNull(row.get(RowFields.JOB_ID)));
		MessageDigest digest = sha256();
		digest.update(new RawBsonDocument(facts, CODEC).getByteBuffer().asNIO());
		return "%08x".formatted(slot.getEpochSecond() & 0xFFFF_FFFFL)
				+ HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
	}

	private static BsonValue orNull(@Nullable BsonValue value) {
		return (value != null) ? value : BsonNull.VALUE;
	}

	private static MessageDigest sha256() {
		try {
			return MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

}
