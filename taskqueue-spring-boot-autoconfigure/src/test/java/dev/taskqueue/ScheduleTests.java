package dev.taskqueue;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchIllegalArgumentException;

class ScheduleTests {

	private static final Instant SATURDAY_NOON = Instant.parse("2026-11-21T12:00:00Z");

	/** After Saturday, 2026-11-21T12:00Z. */
	@ParameterizedTest(name = "{0}: {1}")
	@CsvSource(delimiter = '|',
			textBlock = """
					* * * * *                | 2026-11-21T12:01Z 2026-11-21T12:02Z
					*/15 * * * *             | 2026-11-21T12:15Z 2026-11-21T12:30Z 2026-11-21T12:45Z 2026-11-21T13:00Z
					*/7 * * * *              | 2026-11-21T12:07Z
					*/59 * * * *             | 2026-11-21T12:59Z 2026-11-21T13:00Z
					0 * * * *                | 2026-11-21T13:00Z
					00 012 * * *             | 2026-11-22T12:00Z
					5,10,35 * * * *          | 2026-11-21T12:05Z 2026-11-21T12:10Z 2026-11-21T12:35Z 2026-11-21T13:05Z
					35,5,5-6 * * * *         | 2026-11-21T12:05Z 2026-11-21T12:06Z 2026-11-21T12:35Z
					10-20/5 * * * *          | 2026-11-21T12:10Z 2026-11-21T12:15Z 2026-11-21T12:20Z 2026-11-21T13:10Z
					10-20/15 * * * *         | 2026-11-21T12:10Z 2026-11-21T13:10Z
					1-4,50-59/9 * * * *      | 2026-11-21T12:01Z 2026-11-21T12:02Z 2026-11-21T12:03Z 2026-11-21T12:04Z 2026-11-21T12:50Z
					*/30,7 13 * * *          | 2026-11-21T13:00Z 2026-11-21T13:07Z 2026-11-21T13:30Z
					0 0 * * *                | 2026-11-22T00:00Z
					0 12 * * *               | 2026-11-22T12:00Z
					0 */6 * * *              | 2026-11-21T18:00Z 2026-11-22T00:00Z
					0 9-17/4 * * *           | 2026-11-21T13:00Z 2026-11-21T17:00Z 2026-11-22T09:00Z
					30 4 1,15 * *            | 2026-12-01T04:30Z 2026-12-15T04:30Z
					0 0 31 * *               | 2026-12-31T00:00Z 2027-01-31T00:00Z 2027-03-31T00:00Z
					0 0 */10 * *             | 2026-12-01T00:00Z 2026-12-11T00:00Z 2026-12-21T00:00Z 2026-12-31T00:00Z 2027-01-01T00:00Z
					0 0 29 2 *               | 2028-02-29T00:00Z 2032-02-29T00:00Z
					0 0 29 2 */7             | 2032-02-29T00:00Z 2060-02-29T00:00Z 2088-02-29T00:00Z 2128-02-29T00:00Z
					0 0 1 jan *              | 2027-01-01T00:00Z
					0 0 1 JAN,Jul *          | 2027-01-01T00:00Z 2027-07-01T00:00Z
					0 0 1 jan-mar *          | 2027-01-01T00:00Z 2027-02-01T00:00Z 2027-03-01T00:00Z 2028-01-01T00:00Z
					0 0 1 1-12/6 *           | 2027-01-01T00:00Z 2027-07-01T00:00Z
					0 0 1 */5 *              | 2027-01-01T00:00Z 2027-06-01T00:00Z 2027-11-01T00:00Z 2028-01-01T00:00Z
					0 0 1 oct-DEC/2 *        | 2026-12-01T00:00Z 2027-10-01T00:00Z
					0 0 * * 0                | 2026-11-22T00:00Z 2026-11-29T00:00Z
					0 0 * * 7                | 2026-11-22T00:00Z 2026-11-29T00:00Z
					0 0 * * sun              | 2026-11-22T00:00Z 2026-11-29T00:00Z
					0 0 * * 7-7              | 2026-11-22T00:00Z 2026-11-29T00:00Z
					0 0 * * SUN-SUN          | 2026-11-22T00:00Z 2026-11-29T00:00Z
					0 0 * * 5-7              | 2026-11-22T00:00Z 2026-11-27T00:00Z 2026-11-28T00:00Z
					0 0 * * fri-sun          | 2026-11-22T00:00Z 2026-11-27T00:00Z 2026-11-28T00:00Z
					0 0 * * Sun-Tue          | 2026-11-22T00:00Z 2026-11-23T00:00Z 2026-11-24T00:00Z 2026-11-29T00:00Z
					0 0 * * 0-7              | 2026-11-22T00:00Z 2026-11-23T00:00Z
					0 0 * * mon-fri          | 2026-11-23T00:00Z 2026-11-24T00:00Z 2026-11-25T00:00Z 2026-11-26T00:00Z 2026-11-27T00:00Z 2026-11-30T00:00Z
					0 0 * * 1,mon,wed        | 2026-11-23T00:00Z 2026-11-25T00:00Z 2026-11-30T00:00Z
					0 0 * * */2              | 2026-11-22T00:00Z 2026-11-24T00:00Z 2026-11-26T00:00Z 2026-11-28T00:00Z
					0 0 * * 1-7/2            | 2026-11-22T00:00Z 2026-11-23T00:00Z 2026-11-25T00:00Z
					0 0 13 * fri             | 2026-11-27T00:00Z 2026-12-04T00:00Z 2026-12-11T00:00Z 2026-12-13T00:00Z
					0 0 1-31 * mon           | 2026-11-22T00:00Z 2026-11-23T00:00Z
					0 0 */2 * mon            | 2026-11-23T00:00Z 2026-12-07T00:00Z
					0 0 1-7 * */7            | 2026-12-06T00:00Z 2027-01-03T00:00Z
					0 0 *,5 * mon            | 2026-11-23T00:00Z 2026-11-30T00:00Z
					0 0 30 2 mon             | 2027-02-01T00:00Z 2027-02-08T00:00Z
					@yearly                  | 2027-01-01T00:00Z
					@annually                | 2027-01-01T00:00Z
					@monthly                 | 2026-12-01T00:00Z
					@weekly                  | 2026-11-22T00:00Z
					@daily                   | 2026-11-22T00:00Z
					@midnight                | 2026-11-22T00:00Z
					@Hourly                  | 2026-11-21T13:00Z
					'  0\t0  1 * * '         | 2026-12-01T00:00Z
					@every 1h30m             | 2026-11-21T13:30Z 2026-11-21T15:00Z
					@every 90s               | 2026-11-21T12:01:30Z 2026-11-21T12:03Z
					@EVERY  5M               | 2026-11-21T12:05Z
					@every 1.5h              | 2026-11-21T13:30Z
					@every 1500ms            | 2026-11-21T12:00:01.500Z
					@every PT1H30M           | 2026-11-21T13:30Z
					@every 1d                | 2026-11-22T00:00Z
					""")
	void tellsTheNextTimes(String expression, String expected) {
		assertNext(expression, ZoneOffset.UTC, SATURDAY_NOON, expected);
	}

	/** Years that are over, whose rules no law can change. */
	@ParameterizedTest(name = "{0} in {1} after {2}: {3}")
	@CsvSource(delimiter = '|',
			textBlock = """
					0 9 * * *          | America/New_York    | 2026-01-05T00:00Z      | 2026-01-05T09:00-05:00
					# a fixed time in a gap runs at its end, once
					30 2 * * *         | Europe/Berlin       | 2019-03-30T12:00Z      | 2019-03-31T03:00+02:00 2019-04-01T02:30+02:00
					0,20,40 2 * * *    | Europe/Berlin       | 2019-03-30T12:00Z      | 2019-03-31T03:00+02:00 2019-04-01T02:00+02:00
					0 2,3 * * *        | Europe/Berlin       | 2019-03-30T12:00Z      | 2019-03-31T03:00+02:00 2019-04-01T02:00+02:00
					0 2 31 3 *         | Europe/Berlin       | 2019-01-01T00:00Z      | 2019-03-31T03:00+02:00 2020-03-31T02:00+02:00
					30 2 * * *         | America/New_York    | 2019-03-10T00:00Z      | 2019-03-10T03:00-04:00 2019-03-11T02:30-04:00
					15 2 * * *         | Australia/Lord_Howe | 2019-10-05T02:00Z      | 2019-10-06T02:30+11:00 2019-10-07T02:15+11:00
					0 0 * * *          | America/Santiago    | 2019-09-07T12:00Z      | 2019-09-08T01:00-03:00 2019-09-09T00:00-03:00
					@daily             | America/Havana      | 2019-03-09T12:00Z      | 2019-03-10T01:00-04:00 2019-03-11T00:00-04:00
					30 0 * * *         | Africa/Cairo        | 2010-04-29T12:00Z      | 2010-04-30T01:00+03:00 2010-05-01T00:30+03:00
					0 12 30 12 *       | Pacific/Apia        | 2011-12-01T00:00Z      | 2011-12-31T00:00+14:00 2012-12-30T12:00+14:00
					# a repeated one runs at its first pass only
					30 2 * * *         | Europe/Berlin       | 2019-10-26T12:00Z      | 2019-10-27T02:30+02:00 2019-10-28T02:30+01:00
					0,30 2 * * *       | Europe/Berlin       | 2019-10-27T00:10Z      | 2019-10-27T02:30+02:00 2019-10-28T02:00+01:00
					30 2 * * *         | Europe/Berlin       | 2019-10-27T01:10Z      | 2019-10-28T02:30+01:00
					0 2,3 * * *        | Europe/Berlin       | 2019-10-27T01:10Z      | 2019-10-27T03:00+01:00
					45 1 * * *         | Australia/Lord_Howe | 2019-04-06T12:00Z      | 2019-04-07T01:45+11:00 2019-04-08T01:45+10:30
					0 0 * * *          | America/Havana      | 2019-11-02T12:00Z      | 2019-11-03T00:00-04:00 2019-11-04T00:00-05:00
					30 23 * * *        | America/Santiago    | 2019-04-06T12:00Z      | 2019-04-06T23:30-03:00 2019-04-07T23:30-04:00
					# elapsed time: each real quarter of an hour
					*/15 * * * *       | Europe/Berlin       | 2019-03-31T00:40Z      | 2019-03-31T01:45+01:00 2019-03-31T03:00+02:00 2019-03-31T03:15+02:00
					*/30 * * * *       | Europe/Berlin       | 2019-10-26T23:45Z      | 2019-10-27T02:00+02:00 2019-10-27T02:30+02:00 2019-10-27T02:00+01:00 2019-10-27T02:30+01:00 2019-10-27T03:00+01:00
					15 * * * *         | Europe/Berlin       | 2019-10-27T00:00Z      | 2019-10-27T02:15+02:00 2019-10-27T02:15+01:00 2019-10-27T03:15+01:00
					*/15 * * * *       | Australia/Lord_Howe | 2019-04-06T14:40Z      | 2019-04-07T01:45+11:00 2019-04-07T01:30+10:30 2019-04-07T01:45+10:30 2019-04-07T02:00+10:30
					*/15 * * * *       | Australia/Lord_Howe | 2019-10-05T15:10Z      | 2019-10-06T01:45+10:30 2019-10-06T02:30+11:00 2019-10-06T02:45+11:00
					*/20 2 * * *       | Europe/Berlin       | 2019-03-30T12:00Z      | 2019-04-01T02:00+02:00
					0 */2 * * *        | Europe/Berlin       | 2019-03-30T23:30Z      | 2019-03-31T04:00+02:00
					@hourly            | Asia/Kathmandu      | 1985-12-31T17:00Z      | 1985-12-31T23:00+05:30 1986-01-01T01:00+05:45
					""")
	void followsTheClockOfTheZone(String expression, ZoneId zone, String after, String expected) {
		assertNext(expression, zone, OffsetDateTime.parse(after).toInstant(), expected);
	}

	private static void assertNext(String expression, ZoneId zone, Instant after, String expected) {
		List<Instant> times = Stream.of(expected.split(" ", -1))
			.map((time) -> OffsetDateTime.parse(time).toInstant())
			.toList();

		assertThat(Schedule.parse(expression, zone).next(after, times.size())).isEqualTo(times);
	}

	@ParameterizedTest(name = "{0}: {1}")
	@CsvSource(delimiter = '|',
			textBlock = """
					60 * * * *       | schedule '60 * * * *': minute is '60', expected 0-59, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					0,61 * * * *     | schedule '0,61 * * * *': minute is '61', expected 0-59, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					x * * * *        | schedule 'x * * * *': minute is 'x', expected 0-59, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					-5 * * * *       | schedule '-5 * * * *': minute is '-5', expected 0-59, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					1-2-3 * * * *    | schedule '1-2-3 * * * *': minute is '1-2-3', expected 0-59, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					*-5 * * * *      | schedule '*-5 * * * *': minute is '*-5', expected 0-59, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					1.5 * * * *      | schedule '1.5 * * * *': minute is '1.5', expected 0-59, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					H * * * *        | schedule 'H * * * *': minute is 'H', expected 0-59, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					L * * * *        | schedule 'L * * * *': minute is 'L', expected 0-59, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					0 24 * * *       | schedule '0 24 * * *': hour is '24', expected 0-23, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					0 0 0 * *        | schedule '0 0 0 * *': day-of-month is '0', expected 1-31, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					0 0 1-32 * *     | schedule '0 0 1-32 * *': day-of-month is '1-32', expected 1-31, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					0 0 mon * *      | schedule '0 0 mon * *': day-of-month is 'mon', expected 1-31, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					0 0 1 13 *       | schedule '0 0 1 13 *': month is '13', expected 1-12 or jan-dec, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					0 0 1 january *  | schedule '0 0 1 january *': month is 'january', expected 1-12 or jan-dec, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					0 0 * * 8        | schedule '0 0 * * 8': day-of-week is '8', expected 0-7 or sun-sat, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					0 0 * * jan      | schedule '0 0 * * jan': day-of-week is 'jan', expected 0-7 or sun-sat, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					0 0 * * monday   | schedule '0 0 * * monday': day-of-week is 'monday', expected 0-7 or sun-sat, '*', a range such as 1-5, a step such as */5, or a list of these. Correct the field.
					1,,2 * * * *     | schedule '1,,2 * * * *': minute is '1,,2', expected without empty parts. Remove the comma that is too many.
					1, 2 * * *       | schedule '1, 2 * * *': minute is '1,', expected without empty parts. Remove the comma that is too many.
					*/0 * * * *      | schedule '*/0 * * * *': minute is '*/0', expected a step of 1-59. Write such a step, or a single number for one time.
					*/90 * * * *     | schedule '*/90 * * * *': minute is '*/90', expected a step of 1-59. Write such a step, or a single number for one time.
					*/ * * * *       | schedule '*/ * * * *': minute is '*/', expected a step of 1-59. Write such a step, or a single number for one time.
					*/-5 * * * *     | schedule '*/-5 * * * *': minute is '*/-5', expected a step of 1-59. Write such a step, or a single number for one time.
					*/5/2 * * * *    | schedule '*/5/2 * * * *': minute is '*/5/2', expected a step of 1-59. Write such a step, or a single number for one time.
					0 */24 * * *     | schedule '0 */24 * * *': hour is '*/24', expected a step of 1-23. Write such a step, or a single number for one time.
					0/15 * * * *     | schedule '0/15 * * * *': minute is '0/15', expected a range or '*' before a step. Write '*/15'.
					5/15 * * * *     | schedule '5/15 * * * *': minute is '5/15', expected a range or '*' before a step. Write '5-59/15'.
					50-10 * * * *    | schedule '50-10 * * * *': minute is '50-10', expected a range that runs forward. Write '50-59,0-10'.
					0 22-6 * * *     | schedule '0 22-6 * * *': hour is '22-6', expected a range that runs forward. Write '22-23,0-6'.
					0 22-6/2 * * *   | schedule '0 22-6/2 * * *': hour is '22-6/2', expected a range that runs forward. Write a list.
					0 0 * nov-feb *  | schedule '0 0 * nov-feb *': month is 'nov-feb', expected a range that runs forward. Write '11-12,1-2'.
					0 0 * * sat-mon  | schedule '0 0 * * sat-mon': day-of-week is 'sat-mon', expected a range that runs forward. Write '6-7,0-1'.
					0 0 * * 5-0      | schedule '0 0 * * 5-0': day-of-week is '5-0', expected a range that runs forward. Write '5-7,0-0'.
					0 0 * * 7-2      | schedule '0 0 * * 7-2': day-of-week is '7-2', expected a range that runs forward. Write '7-7,0-2'.
					0 0 ? * mon      | schedule '0 0 ? * mon': day-of-month is '?', expected 1-31, but none of Quartz's '?', 'L', 'W' and '#'. Write '*' for any day, or the days.
					0 0 L * *        | schedule '0 0 L * *': day-of-month is 'L', expected 1-31, but none of Quartz's '?', 'L', 'W' and '#'. Write '*' for any day, or the days.
					0 0 L-3 * *      | schedule '0 0 L-3 * *': day-of-month is 'L-3', expected 1-31, but none of Quartz's '?', 'L', 'W' and '#'. Write '*' for any day, or the days.
					0 0 15W * *      | schedule '0 0 15W * *': day-of-month is '15W', expected 1-31, but none of Quartz's '?', 'L', 'W' and '#'. Write '*' for any day, or the days.
					0 0 * * 5L       | schedule '0 0 * * 5L': day-of-week is '5L', expected 0-7 or sun-sat, but none of Quartz's '?', 'L', 'W' and '#'. Write '*' for any day, or the days.
					0 0 * * mon#1    | schedule '0 0 * * mon#1': day-of-week is 'mon#1', expected 0-7 or sun-sat, but none of Quartz's '?', 'L', 'W' and '#'. Write '*' for any day, or the days.
					0 0 30 2 *       | schedule '0 0 30 2 *': day-of-month is '30' and month is '2': no such day, it is never due. Choose a day that the month has.
					0 0 31 2,4,jun * | schedule '0 0 31 2,4,jun *': day-of-month is '31' and month is '2,4,jun': no such day, it is never due. Choose a day that the month has.
					''               | schedule '': it is empty, expected five fields (minute hour day-of-month month day-of-week). Write them, or a macro such as @daily.
					'  '             | schedule '  ': it is empty, expected five fields (minute hour day-of-month month day-of-week). Write them, or a macro such as @daily.
					daily            | schedule 'daily': it has 1 field, expected five fields (minute hour day-of-month month day-of-week). Write '*' where any value will do.
					0 0 * *          | schedule '0 0 * *': it has 4 fields, expected five fields (minute hour day-of-month month day-of-week). Write '*' where any value will do.
					0 0 5 * * *      | schedule '0 0 5 * * *': it has six fields, expected five fields (minute hour day-of-month month day-of-week). Drop the first field, the seconds.
					0 0 5 ? * * 2027 | schedule '0 0 5 ? * * 2027': it has seven fields, expected five fields (minute hour day-of-month month day-of-week). Drop the first field, the seconds, and the last, the year.
					@reboot          | schedule '@reboot': @reboot is not supported, since each of many nodes starts on its own. Submit the job when the application is ready (ApplicationReadyEvent).
					@fortnightly     | schedule '@fortnightly': unknown macro, expected @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or @every with an interval such as 1h30m. Write one of these or five fields (minute hour day-of-month month day-of-week).
					@daily 5         | schedule '@daily 5': unknown macro, expected @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or @every with an interval such as 1h30m. Write one of these or five fields (minute hour day-of-month month day-of-week).
					@every           | schedule '@every': interval is '', expected a duration such as 90s, 5m, 1h30m, 1d or PT1H30M. Write numbers with units.
					@every 90        | schedule '@every 90': interval is '90', expected a duration such as 90s, 5m, 1h30m, 1d or PT1H30M. Write numbers with units.
					@every 1h 30m    | schedule '@every 1h 30m': interval is '1h 30m', expected a duration such as 90s, 5m, 1h30m, 1d or PT1H30M. Write numbers with units.
					@every -5m       | schedule '@every -5m': interval is '-5m', expected a duration such as 90s, 5m, 1h30m, 1d or PT1H30M. Write numbers with units.
					@every 1w        | schedule '@every 1w': interval is '1w', expected a duration such as 90s, 5m, 1h30m, 1d or PT1H30M. Write numbers with units.
					@every PT        | schedule '@every PT': interval is 'PT', expected a duration such as 90s, 5m, 1h30m, 1d or PT1H30M. Write numbers with units.
					@every 0s        | schedule '@every 0s': interval is '0s', expected at least 1s. Write a longer one.
					@every 999ms     | schedule '@every 999ms': interval is '999ms', expected at least 1s. Write a longer one.
					@every PT-5M     | schedule '@every PT-5M': interval is 'PT-5M', expected at least 1s. Write a longer one.
					@every 36501d    | schedule '@every 36501d': interval is 'PT876024H', expected whole milliseconds, at least one and at most 36500 days. Give another interval.
					@every 1.0005s   | schedule '@every 1.0005s': interval is 'PT1.0005S', expected whole milliseconds, at least one and at most 36500 days. Give another interval.
					""")
	void saysWhatIsWrongAndWhatToDo(String expression, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> Schedule.parse(expression, ZoneOffset.UTC))
			.withMessage(message);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\u0665 * * * *", "*\u00a0* * * * *", "5\u0000 * * * *", "0 0 * * \u017fun",
			"\uff15 * * * *", "0 0 * * mon\u2013fri", "\u2217 * * * *", "@every \u0665m", "@every 5m\u00a0",
			"\u0001 0 0 * * *", "@every 99999999999999999999h", "@every 999999999999d",
			"@every PT99999999999999999999H", "@every1h", "@", "\n", "0 0 * * *;rm", "'0 0 * * *'", "$ * * * *" })
	void readsNothingIntoOddCharactersAndNumbers(String expression) {
		String message = catchIllegalArgumentException(() -> Schedule.parse(expression, ZoneOffset.UTC)).getMessage();

		assertThat(message).startsWith("schedule '").hasSizeLessThan(400).matches("[ -~]*");
	}

	@ParameterizedTest
	@ValueSource(strings = { "1,", "* ", "9", "*/", "(", "@every 1s", "1-", "\u0665", "1h", "@" })
	void refusesVeryLongTextsInAShortSentence(String part) {
		String expression = part.repeat(10_000 / part.length());
		String message = catchIllegalArgumentException(() -> Schedule.parse(expression, ZoneOffset.UTC)).getMessage();

		assertThat(message).contains("expected at most 1000. Write ranges").hasSizeLessThan(600);
	}

	@Test
	void readsTheLongestSensibleList() {
		String minutes = String.join(",", Stream.iterate(0, (i) -> i + 1).limit(60).map(String::valueOf).toList());
		Schedule schedule = Schedule.parse(minutes + " 0 * * *", ZoneOffset.UTC);

		assertThat(schedule.next(SATURDAY_NOON, 60)).last().isEqualTo(Instant.parse("2026-11-22T00:59:00Z"));
	}

	@Test
	void readsNamesInWhateverLanguageTheMachineSpeaks() {
		Locale before = Locale.getDefault();
		try {
			Locale.setDefault(Locale.forLanguageTag("tr"));
			assertNext("0 0 * * FRI", ZoneOffset.UTC, SATURDAY_NOON, "2026-11-27T00:00Z");
		}
		finally {
			Locale.setDefault(before);
		}
	}

	@Test
	void tellsATimeStrictlyAfter() {
		Schedule schedule = Schedule.parse("0 12 * * *", ZoneOffset.UTC);

		assertThat(schedule.next(SATURDAY_NOON.minusNanos(1))).isEqualTo(SATURDAY_NOON);
		assertThat(schedule.next(SATURDAY_NOON)).isEqualTo(SATURDAY_NOON.plus(Duration.ofDays(1)));
		assertThat(schedule.next(SATURDAY_NOON.plusNanos(1))).isEqualTo(SATURDAY_NOON.plus(Duration.ofDays(1)));
	}

	@Test
	void countsAnIntervalFromItsFirstTime() {
		Instant first = SATURDAY_NOON.plusSeconds(7);
		Schedule schedule = Schedule.every(Duration.ofMinutes(90)).countedFrom(first);

		assertThat(schedule.next(SATURDAY_NOON.minusSeconds(99_999))).isEqualTo(first);
		assertThat(schedule.next(first.minusNanos(1), 2)).containsExactly(first, first.plusSeconds(5400));
		assertThat(schedule.next(first)).isEqualTo(first.plusSeconds(5400));
		assertThat(schedule.next(first.plusSeconds(5400).minusNanos(1))).isEqualTo(first.plusSeconds(5400));
	}

	@Test
	void countsAnIntervalFrom1970WhereNoFirstTimeIsGiven() {
		Schedule schedule = Schedule.every(Duration.ofMillis(7));

		assertThat(schedule.next(Instant.ofEpochMilli(6), 3)).extracting(Instant::toEpochMilli)
			.containsExactly(7L, 14L, 21L);
		assertThat(schedule).isEqualTo(Schedule.every(Duration.ofMillis(7)).countedFrom(Instant.EPOCH));
	}

	/** A stored time loses its nanoseconds: it must not be followed by itself. */
	@Test
	void tellsIntervalsInWholeMilliseconds() {
		Schedule schedule = Schedule.every(Duration.ofSeconds(1)).countedFrom(SATURDAY_NOON.plusNanos(1));

		assertThat(schedule.next(SATURDAY_NOON)).isEqualTo(SATURDAY_NOON.plusMillis(1));
		assertThatIllegalArgumentException().isThrownBy(() -> Schedule.every(Duration.ofNanos(1_500_000)))
			.withMessage("interval is 'PT0.0015S', expected whole milliseconds, at least one and at most 36500 days. "
					+ "Give another interval.");
	}

	@ParameterizedTest
	@ValueSource(strings = { "PT0S", "PT-5S", "PT0.0009S", "PT876001H" })
	void refusesIntervalsThatCannotBeMeant(Duration interval) {
		assertThatIllegalArgumentException().isThrownBy(() -> Schedule.every(interval))
			.withMessageContaining("expected whole milliseconds, at least one and at most 36500 days");
	}

	@ParameterizedTest
	@ValueSource(strings = { "* * * * *", "0 0 29 2 */7", "0 0 1 1 mon", "@every 36500d" })
	void worksInTheYears1To9999AndRefusesOthers(String expression) {
		Schedule schedule = Schedule.parse(expression, ZoneId.of("Europe/Berlin"));
		for (String after : List.of("0001-01-01T00:00:00Z", "1960-02-03T04:05:06Z", "9999-12-31T23:59:59.999999999Z")) {
			assertThat(schedule.next(Instant.parse(after))).isAfter(after);
		}
		for (Instant after : List.of(Instant.MIN, Instant.MAX, Instant.parse("0000-12-31T23:59:59Z"),
				Instant.parse("+10000-01-01T00:00:00Z"))) {
			assertThatIllegalArgumentException().isThrownBy(() -> schedule.next(after))
				.withMessage("after is '" + after + "', expected a time in the years 1 to 9999. Check its unit.");
		}
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Schedule.every(Duration.ofDays(1)).countedFrom(Instant.MAX))
			.withMessageStartingWith("first is '");
	}

	@Test
	void tellsAsManyTimesAsAskedForInAnUnmodifiableList() {
		Schedule schedule = Schedule.parse("@hourly", ZoneOffset.UTC);

		assertThat(schedule.next(SATURDAY_NOON, 0)).isEmpty();
		assertThat(schedule.next(SATURDAY_NOON, 3)).hasSize(3).isUnmodifiable();
		assertThatIllegalArgumentException().isThrownBy(() -> schedule.next(SATURDAY_NOON, -1))
			.withMessage("count is '-1', expected 0 or more. Correct the call.");
	}

	@Test
	void isEqualToOneThatIsMadeOfTheSame() {
		ZoneId zone = ZoneId.of("Europe/Berlin");
		Schedule schedule = Schedule.parse("0  5 * * mon", zone);

		assertThat(schedule).isEqualTo(Schedule.parse("0 5 * * mon", zone))
			.hasSameHashCodeAs(Schedule.parse("0 5 * * mon", zone))
			.isNotEqualTo(Schedule.parse("0 5 * * mon", ZoneOffset.UTC))
			.isNotEqualTo(Schedule.parse("0 5 * * tue", zone));
	}

	@Test
	void saysWhatItIs() {
		assertThat(Schedule.parse("*/15  9-17 * * MON-FRI", ZoneId.of("Europe/Berlin")))
			.hasToString("*/15 9-17 * * MON-FRI in Europe/Berlin");
		assertThat(Schedule.parse("@Daily", ZoneOffset.UTC)).hasToString("@daily in Z");
		assertThat(Schedule.every(Duration.ofSeconds(90))).hasToString("every PT1M30S from 1970-01-01T00:00:00Z");
	}

}
