/* SPDX-License-Identifier: Apache-2.0 */
package decant.oracle;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;

/**
 * Runs SQL files on an embedded Flink, each to the end of its input.
 *
 * <p>Usage: {@code Oracle JOB…} runs one job; {@code Oracle -} reads one job per line from
 * standard input and answers one line each, so that many small jobs share one warm JVM. A job is
 * {@code FILE [-b BOOTSTRAP] [-p SINK-TOPIC-PREFIX] [-n SINK-PARTITIONS] [-s OPTION=VALUE]…};
 * -s adds an option to every Kafka table that is only read.
 *
 * <p>Answer: {@code ok MILLISECONDS FILE}, or {@code failed MILLISECONDS FILE REASON} and exit
 * status 1.
 */
public final class Oracle {
    private static final Pattern SET =
            Pattern.compile("(?is)SET\\s+'([^']+)'\\s*=\\s*'((?:[^']|'')*)'");
    private static final Pattern BEGIN = Pattern.compile("(?i)BEGIN\\s+STATEMENT\\s+SET");
    private static final Pattern INSERT = Pattern.compile("(?is)(EXECUTE\\s|INSERT\\s).*");

    private Path file;
    private String bootstrap = "localhost:9092";
    private String prefix = "";
    private int partitions = 1;
    private final Map<String, String> sourceOptions = new LinkedHashMap<>();

    private Oracle(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (!word.startsWith("-")) {
                file = Path.of(word);
                continue;
            }
            if (i + 1 == words.size()) {
                throw new IllegalArgumentException(word + " wants a value");
            }
            option(word, words.get(++i));
        }
        if (file == null) {
            throw new IllegalArgumentException("a job names a SQL file");
        }
    }

    private void option(String name, String value) {
        switch (name) {
            case "-b" -> bootstrap = value;
            case "-p" -> prefix = value;
            case "-n" -> partitions = Integer.parseInt(value);
            case "-s" -> sourceOptions.put(value.split("=", 2)[0], value.split("=", 2)[1]);
            default -> throw new IllegalArgumentException("unknown option " + name);
        }
    }

    public static void main(String[] args) throws Exception {
        if (!List.of(args).equals(List.of("-"))) {
            // Flink's pools are not daemons: without exit a finished process would linger.
            System.exit(answer(List.of(args)) ? 0 : 1);
        }
        boolean allOk = true;
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (!line.isBlank()) {
                allOk &= answer(List.of(line.trim().split("\\s+")));
            }
        }
        System.exit(allOk ? 0 : 1);
    }

    private static boolean answer(List<String> words) {
        long start = System.nanoTime();
        String reason = null;
        try {
            new Oracle(words).run();
        } catch (Exception | Error e) {
            reason = reason(e);
        }
        long ms = (System.nanoTime() - start) / 1_000_000;
        String job = String.join(" ", words);
        String verdict = reason == null ? "ok " : "failed ";
        System.out.println(verdict + ms + " " + job + (reason == null ? "" : "\t" + reason));
        System.out.flush();
        return reason == null;
    }

    /** Flink wraps a refusal many times; the innermost sentence is the one that says why. */
    private static String reason(Throwable e) {
        while (e.getCause() != null) {
            e = e.getCause();
        }
        return (e.getClass().getSimpleName() + ": " + e.getMessage()).replace('\n', ' ');
    }

    private void run() throws Exception {
        List<String> statements = Script.statements(Files.readString(file));
        Set<String> targets = Script.targets(statements);
        Set<String> sinkTopics = new TreeSet<>();
        TableEnvironment env = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        env.getConfig().set("parallelism.default", "1");
        env.getConfig().set("restart-strategy.type", "none");
        List<String> ready = new ArrayList<>();
        for (String statement : statements) {
            String table = Script.createdTable(statement);
            boolean isSink = targets.contains(table);
            ready.add(table == null ? statement : rewrite(statement, isSink, sinkTopics));
        }
        if (!sinkTopics.isEmpty()) {
            Topics.createMissing(bootstrap, sinkTopics, partitions);
        }
        execute(env, ready);
    }

    private String rewrite(String createTable, boolean isSink, Set<String> sinkTopics) {
        Map<String, String> options = Script.options(createTable);
        String connector = options.getOrDefault("connector", "");
        if (!connector.equals("kafka") && !connector.equals("upsert-kafka")) {
            return createTable;
        }
        options.replace("properties.bootstrap.servers", bootstrap);
        if (isSink) {
            options.compute("topic", (k, topic) -> prefix + topic);
            sinkTopics.add(options.get("topic"));
        } else {
            options.put("scan.bounded.mode", "latest-offset");
            options.putAll(sourceOptions);
        }
        return Script.withOptions(createTable, options);
    }

    private static void execute(TableEnvironment env, List<String> statements) throws Exception {
        StatementSet set = null;
        for (String statement : statements) {
            Matcher setting = SET.matcher(statement);
            if (setting.matches()) {
                env.getConfig().set(setting.group(1), setting.group(2).replace("''", "'"));
            } else if (BEGIN.matcher(statement).matches()) {
                set = env.createStatementSet();
            } else if (set != null && statement.equalsIgnoreCase("END")) {
                set.execute().await();
                set = null;
            } else if (set != null) {
                set.addInsertSql(statement);
            } else {
                TableResult result = env.executeSql(statement);
                if (INSERT.matcher(statement).matches()) {
                    result.await();
                }
            }
        }
    }
}
