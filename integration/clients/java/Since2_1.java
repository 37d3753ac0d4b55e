/** zstd (KIP-110); Client sends it where this class is. */
public class Since2_1 implements Client.Later {}
