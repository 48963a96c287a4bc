package dev.taskqueue.fault.input;

/**
 * Nothing but a document names it: whatever touches it says so in the node's output.
 */
public class Canary {

	static final String SONG = "THE CANARY IS TOUCHED: ";

	static {
		System.out.println(SONG + "the class is initialized");
	}

	public Canary() {
		System.out.println(SONG + "an instance is made");
	}

	public void setName(String name) {
		System.out.println(SONG + "its name is set");
	}

	public static void fire() {
		System.out.println(SONG + "it fires");
	}

}
