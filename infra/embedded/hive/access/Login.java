package clickledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.security.sasl.AuthenticationException;
import org.apache.hadoop.hive.conf.HiveConf;
import org.apache.hive.service.auth.PasswdAuthenticationProvider;

/** The platform's name needs its password; whoever has another name needs none, and is an analyst. */
public class Login implements PasswdAuthenticationProvider {
  private static final String PLATFORM = "clickledger.user";
  private static final String PASSWORD_SHA256 = "clickledger.password.sha256";

  /**
   * HiveServer2 takes a name up to its first / or @ for the whole, after this class was asked: "clickledger@x" would become
   * the platform. And it makes folders of that name.
   */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}");

  private final HiveConf conf;

  public Login(HiveConf conf) {
    this.conf = conf;
  }

  static boolean isPlatform(String user, org.apache.hadoop.conf.Configuration conf) {
    return conf.get(PLATFORM).equals(user);
  }

  @Override
  public void Authenticate(String user, String password) throws AuthenticationException {
    if (user == null || !NAME.matcher(user).matches()) {
      throw new AuthenticationException("a user's name has letters from a to z, digits and . _ + - only");
    }
    if (isPlatform(user, conf) && !isPassword(password)) {
      throw new AuthenticationException("wrong password of " + user);
    }
  }

  private boolean isPassword(String password) {
    try {
      byte[] given = password == null ? new byte[0] : password.getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(given);
      return MessageDigest.isEqual(hash, HexFormat.of().parseHex(conf.get(PASSWORD_SHA256)));
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }
}
