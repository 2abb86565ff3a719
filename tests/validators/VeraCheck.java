import java.io.FileInputStream;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Validates many files against many flavours in one start of the machine.
 *
 * Usage: java -cp ... VeraCheck.java 3a,ua1 file.pdf ...
 * Prints one line per file, flavour and broken rule: file, flavour, PASS | FAIL, rule,
 * parted by tabs.
 */
public class VeraCheck {
  public static void main(String[] arguments) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    for (int i = 1; i < arguments.length; i++) {
      for (String flavour : arguments[0].split(",")) {
        check(arguments[i], flavour);
      }
    }
  }

  private static void check(String file, String flavour) throws Exception {
    PDFAFlavour wanted = PDFAFlavour.byFlavourId(flavour);
    try (FileInputStream stream = new FileInputStream(file);
        PDFAParser parser = Foundries.defaultInstance().createParser(stream, wanted);
        PDFAValidator validator = Foundries.defaultInstance().createValidator(wanted, false)) {
      ValidationResult result = validator.validate(parser);
      String verdict = result.isCompliant() ? "PASS" : "FAIL";
      System.out.println(String.join("\t", file, flavour, verdict, ""));
      Map<String, Integer> broken = new TreeMap<>();
      for (TestAssertion assertion : result.getTestAssertions()) {
        if (assertion.getStatus() == TestAssertion.Status.FAILED) {
          String rule =
              assertion.getRuleId().getClause()
                  + "-"
                  + assertion.getRuleId().getTestNumber()
                  + " "
                  + assertion.getMessage().replaceAll("\\s+", " ");
          broken.merge(rule, 1, Integer::sum);
        }
      }
      for (String rule : broken.keySet()) {
        System.out.println(String.join("\t", file, flavour, "FAIL", rule));
      }
    }
  }
}
