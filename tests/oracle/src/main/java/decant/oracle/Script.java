/* SPDX-License-Identifier: Apache-2.0 */
package decant.oracle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A SQL file as text: cut into statements, and its WITH options rewritten.
 *
 * <p>Flink has no ALTER for temporary tables and no way to give options from outside, so a test
 * that needs another broker, a bounded source or other sink topics has to change the text of
 * CREATE TABLE. Nothing else of a statement is touched.
 */
final class Script {
    private static final Pattern CREATE_TABLE = Pattern.compile(
            "(?is)CREATE\\s+(?:TEMPORARY\\s+)?TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?"
                    + "`?(\\w+)`?.*");
    private static final Pattern TARGET = Pattern.compile("(?i)\\bINSERT\\s+INTO\\s+`?(\\w+)`?");
    private static final Pattern WITH = Pattern.compile("(?i)\\bWITH\\s*\\(");
    private static final Pattern OPTION =
            Pattern.compile("'((?:[^']|'')*)'\\s*=\\s*'((?:[^']|'')*)'");
    private static final Pattern SET_OPENS =
            Pattern.compile("(?is)EXECUTE\\s+STATEMENT\\s+SET\\s+BEGIN\\b.*");

    private Script() {}

    /**
     * Statements without their semicolon and without comments (hints stay). `EXECUTE STATEMENT SET
     * BEGIN … END` is one statement, as Flink's own parser wants it.
     */
    static List<String> statements(String text) {
        List<String> out = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        for (String piece : pieces(text)) {
            boolean inSet = open.length() > 0;
            if (!inSet && !SET_OPENS.matcher(piece).matches()) {
                out.add(piece);
                continue;
            }
            open.append(piece);
            if (piece.equalsIgnoreCase("END")) {
                out.add(open.toString());
                open.setLength(0);
            } else {
                open.append(";\n");
            }
        }
        if (open.length() > 0) {
            throw new IllegalArgumentException("EXECUTE STATEMENT SET BEGIN without END;");
        }
        return out;
    }

    /** Cuts at semicolons that stand outside quotes, and leaves comments out. */
    private static List<String> pieces(String text) {
        List<String> out = new ArrayList<>();
        StringBuilder piece = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            int end = i + 1;
            if (c == '\'' || c == '`') {
                end = after(text, String.valueOf(c), i + 1);
                piece.append(text, i, end);
            } else if (text.startsWith("--", i)) {
                end = after(text, "\n", i);
                piece.append('\n');
            } else if (text.startsWith("/*", i) && !text.startsWith("/*+", i)) {
                end = after(text, "*/", i + 2);
            } else if (c == ';') {
                add(out, piece);
            } else {
                piece.append(c);
            }
            i = end;
        }
        add(out, piece);
        return out;
    }

    private static int after(String text, String mark, int from) {
        int at = text.indexOf(mark, from);
        return at < 0 ? text.length() : at + mark.length();
    }

    private static void add(List<String> out, StringBuilder piece) {
        String text = piece.toString().trim();
        if (!text.isEmpty()) {
            out.add(text);
        }
        piece.setLength(0);
    }

    /** The tables that the file writes. */
    static Set<String> targets(List<String> statements) {
        Set<String> out = new HashSet<>();
        for (String statement : statements) {
            Matcher m = TARGET.matcher(statement);
            while (m.find()) {
                out.add(m.group(1));
            }
        }
        return out;
    }

    /** The name of the table that this statement creates, or null. */
    static String createdTable(String statement) {
        Matcher m = CREATE_TABLE.matcher(statement);
        return m.matches() ? m.group(1) : null;
    }

    /** The WITH options of a CREATE TABLE, in order. */
    static Map<String, String> options(String createTable) {
        Map<String, String> out = new LinkedHashMap<>();
        Matcher m = OPTION.matcher(createTable.substring(withStart(createTable)));
        while (m.find()) {
            out.put(m.group(1), m.group(2).replace("''", "'"));
        }
        return out;
    }

    static String withOptions(String createTable, Map<String, String> options) {
        List<String> list = new ArrayList<>();
        options.forEach((k, v) -> list.add("'" + k + "' = '" + v.replace("'", "''") + "'"));
        String head = createTable.substring(0, withStart(createTable));
        return head + "WITH (" + String.join(", ", list) + ")";
    }

    private static int withStart(String createTable) {
        Matcher m = WITH.matcher(createTable);
        int at = -1;
        while (m.find()) {
            at = m.start();
        }
        if (at < 0) {
            throw new IllegalArgumentException("CREATE TABLE without WITH: " + createTable);
        }
        return at;
    }
}
