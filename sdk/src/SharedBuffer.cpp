#include <playhouse/SharedBuffer.h>

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace playhouse {
namespace detail {

class __attribute__((visibility("hidden"))) BufferStorage {
public:
    BufferStorage() = default;
    BufferStorage(const BufferStorage&) = delete;
    BufferStorage& operator=(const BufferStorage&) = delete;
    virtual ~BufferStorage() = default;
    virtual std::span<std::byte> bytes() noexcept = 0;
    virtual int descriptor() const noexcept { return -1; }
};

}  // namespace detail

namespace {

class HeapStorage final : public detail::BufferStorage {
public:
    explicit HeapStorage(std::string text) : text_(std::move(text)) {}
    std::span<std::byte> bytes() noexcept override { return std::as_writable_bytes(std::span(text_)); }

private:
    std::string text_;
};

/// An anonymous memory file. Its pages may still be queued in sockets when it is closed, so they are never written
/// again.
class FileStorage final : public detail::BufferStorage {
public:
    FileStorage(int descriptor, std::byte* begin, std::size_t size) noexcept
        : descriptor_(descriptor), bytes_(begin, size) {}
    ~FileStorage() override {
        ::munmap(bytes_.data(), bytes_.size());
        ::close(descriptor_);
    }
    std::span<std::byte> bytes() noexcept override { return bytes_; }
    int descriptor() const noexcept override { return descriptor_; }

private:
    int descriptor_;
    std::span<std::byte> bytes_;
};

constexpr std::size_t smallestFile = 64 * 1024;

std::shared_ptr<detail::BufferStorage> makeFileStorage(std::size_t size) {
    const int descriptor = ::memfd_create("playhouse-buffer", MFD_CLOEXEC);
    if (descriptor < 0) return nullptr;
    if (::ftruncate(descriptor, static_cast<off_t>(size)) == 0) {
        void* begin = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, 0);
        if (begin != MAP_FAILED) return std::make_shared<FileStorage>(descriptor, static_cast<std::byte*>(begin), size);
    }
    ::close(descriptor);
    return nullptr;
}

}  // namespace

SharedBuffer::SharedBuffer(std::string text) {
    if (text.empty()) return;
    const auto storage = std::make_shared<HeapStorage>(std::move(text));
    bytes_ = storage->bytes();
    storage_ = storage;
}

SharedBuffer SharedBuffer::filled(std::size_t size, const std::function<void(std::span<std::byte>)>& fill) {
    SharedBuffer buffer;
    if (size == 0) return buffer;
    std::shared_ptr<detail::BufferStorage> storage;
    if (size >= smallestFile) storage = makeFileStorage(size);
    if (!storage) storage = std::make_shared<HeapStorage>(std::string(size, '\0'));
    fill(storage->bytes());
    buffer.bytes_ = storage->bytes();
    buffer.storage_ = std::move(storage);
    return buffer;
}

SharedBuffer SharedBuffer::slice(std::size_t offset, std::size_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset)
        throw std::out_of_range("a slice beyond the end of a buffer");
    SharedBuffer part;
    part.storage_ = storage_;
    part.bytes_ = bytes_.subspan(offset, size);
    return part;
}

int SharedBuffer::descriptor() const noexcept {
    return storage_ ? storage_->descriptor() : -1;
}

std::uint64_t SharedBuffer::descriptorOffset() const noexcept {
    if (!storage_) return 0;
    return static_cast<std::uint64_t>(bytes_.data() - const_cast<detail::BufferStorage&>(*storage_).bytes().data());
}

}  // namespace playhouse
