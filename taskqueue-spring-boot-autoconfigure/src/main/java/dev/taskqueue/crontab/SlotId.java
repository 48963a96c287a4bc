package dev.taskqueue.crontab;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;

import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
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
	 * side in the index. In most cases the row's id follows, so that the server can make
	 * it of a row too.
	 * @param rowId the row's id
	 * @param slot the due time
	 * @param former the job of the slot before, as the row has it: it sets apart a slot
	 * that the row's owner asks for again
	 * @return 32 hexadecimal digits
	 */
	static String of(@Nullable BsonValue rowId, Instant slot, @Nullable BsonValue former) {
		if (rowId instanceof BsonObjectId id && former == null && slot.equals(slot.truncatedTo(ChronoUnit.SECONDS))) {
			return second(slot) + id.getValue().toHexString();
		}
		BsonDocument facts = new BsonDocument(RowFields.ID, orNull(rowId))
			.append(RowFields.TIME, new BsonDateTime(slot.toEpochMilli()))
			.append(RowFields.JOB_ID, orNull(former));
		MessageDigest digest = sha256();
		digest.update(new RawBsonDocument(facts, CODEC).getByteBuffer().asNIO());
		return second(slot) + HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
	}

	/** What all ids of a slot begin with. */
	static String second(Instant slot) {
		return HexFormat.of().toHexDigits((int) slot.getEpochSecond());
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
