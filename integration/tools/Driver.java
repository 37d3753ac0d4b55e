import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.apache.kafka.common.utils.Exit;
import org.slf4j.LoggerFactory;

/**
 * Runs many of Kafka's command line tools in one process, since a virtual machine for each would take seconds. A line of standard
 * input is CLASS and its arguments, with tabs between; the answer is a line: the exit code, and what was printed, in base64.
 * Other lines are of the tools' logging.
 */
public class Driver {
    private static final long TOOL_MS_MAX = 60_000;
    private static volatile Integer exitCode;
    /** What a tool prints after it has asked for the end is about our way of ending it. */
    private static volatile int printedBytes;
    private static volatile ByteArrayOutputStream caught;

    static final class Ended extends Error {
        Ended(int code) {
            super("exit " + code, null, false, false);
        }
    }

    public static void main(String[] args) throws Exception {
        LoggerFactory.getLogger(Driver.class).debug("logging is there before output is caught");
        Exit.Procedure end = (code, message) -> {
            if (message != null && exitCode == null) System.err.println(message);
            if (exitCode == null) printedBytes = caught.size();
            if (exitCode == null) exitCode = code;
            throw new Ended(code);
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        PrintStream answers = System.out;
        PrintStream errors = System.err;
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            caught = new ByteArrayOutputStream();
            PrintStream output = new PrintStream(caught, true, StandardCharsets.UTF_8);
            System.setOut(output);
            System.setErr(output);
            exitCode = null;
            int code = run(line.split("\t", -1), output);
            System.setOut(answers);
            System.setErr(errors);
            byte[] bytes = exitCode == null ? caught.toByteArray() : Arrays.copyOf(caught.toByteArray(), printedBytes);
            answers.println("answer " + code + " " + Base64.getEncoder().encodeToString(bytes));
            answers.flush();
        }
        System.exit(0);
    }

    private static int run(String[] words, PrintStream output) throws InterruptedException {
        Thread tool = new Thread(() -> scala.Console.withOut(output, () -> {
            call(words, output);
            return null;
        }));
        tool.setDaemon(true);
        tool.start();
        tool.join(TOOL_MS_MAX);
        if (tool.isAlive()) {
            tool.interrupt();
            output.println("still running after " + TOOL_MS_MAX + " ms");
            return -1;
        }
        return exitCode == null ? 0 : exitCode;
    }

    private static void call(String[] words, PrintStream output) {
        try {
            Object arguments = Arrays.copyOfRange(words, 1, words.length);
            Class.forName(words[0]).getMethod("main", String[].class).invoke(null, arguments);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof Ended) return;
            output.println("threw " + thrown.getCause());
            printedBytes = caught.size();
            exitCode = 1;
        } catch (ReflectiveOperationException absent) {
            output.println("no such tool: " + absent);
            printedBytes = caught.size();
            exitCode = -1;
        }
    }
}
